export type { Collector } from './collector.js';
export { fetchFile } from './fetch-file.js';
export { MemoryCollector } from './memory-collector.js';
export { PickledBytes, type PickleRules, PickleStream } from './pickle.js';
export { quote } from './quote.js';
export { type DownloadProgress, receive } from './receive.js';
export { corrupt, fetchElsewhere, type RemoteFile, type Target } from './remote-file.js';
export { type Answer, type Connection, request } from './request.js';
export { Interruption, type RetryPolicy, retrying, retryPolicy } from './retry.js';
