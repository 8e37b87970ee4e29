/**
 * Loads a module that Node finds. Bundlers follow the one of `node:module`, and fail at modules that they can't know, in pages
 * too that are also rendered in Node.
 */
export const requireInNode = process.getBuiltinModule('node:module').createRequire(import.meta.url);
