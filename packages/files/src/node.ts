export { type FileCollector, openCollector } from './file-collector.js';
export { readUpTo } from './read-up-to.js';
export { unwritable } from './unwritable.js';
export { writeWholeFile } from './write-file.js';
