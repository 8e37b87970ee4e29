export { type FileCollector, openCollector } from './file-collector.js';
export { readUpTo } from './read-up-to.js';
export { syncToDisk } from './sync-to-disk.js';
export { unwritable } from './unwritable.js';
export { writeWholeFile } from './write-file.js';
