export type { FilesErrorCode } from './error-codes.js';
export { type CollectorOptions, type FileCollector, openCollector } from './file-collector.js';
export { type Lock, type LockAnswer, takeLock, withLock } from './lock.js';
export { readUpTo } from './read-up-to.js';
export { openRegularFile, readRegularFile, readRegularText, streamRegularFile } from './regular-file.js';
export { syncFolder, syncToDisk } from './sync-to-disk.js';
export { removeTemporaries, temporaryName } from './temporary.js';
export { unwritable } from './unwritable.js';
export { type WriteOptions, writeWholeFile } from './write-file.js';
