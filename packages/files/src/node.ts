export { type CollectorOptions, type FileCollector, openCollector } from './download/file-collector.js';
export type { FilesErrorCode } from './error-codes.js';
export { type Lock, type LockAnswer, takeLock, withLock } from './lock/lock.js';
export { readUpTo } from './read/read-up-to.js';
export { openRegularFile, readRegularFile, readRegularText, streamRegularFile } from './read/regular-file.js';
export { syncFolder, syncToDisk } from './write/sync-to-disk.js';
export { removeTemporaries, temporaryName } from './write/temporary-files.js';
export { unwritable } from './write/unwritable.js';
export { type WriteOptions, writeWholeFile } from './write/write-file.js';
