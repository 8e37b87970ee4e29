/**
 * Loads a module in Node. Bundlers follow an import of `node:module` and fail at modules that they can't resolve, also when they
 * bundle pages that are rendered in Node.
 */
export const requireInNode = process.getBuiltinModule('node:module').createRequire(import.meta.url);
