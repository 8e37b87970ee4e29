import { join } from 'node:path';

/** The sources of the browser's example. */
export const app = join(import.meta.dirname, '../../../../examples/browser');

/** The example as `npm run build` built it. */
export const builtApp = join(app, 'dist');

/**
 * For tests that look how long tasks of the page take: other work on the machine may hold one up, but not the same test three
 * times over.
 */
export const againIfBusy = { retry: 2 };
