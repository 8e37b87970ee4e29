export { type ErrorCode, ResnetError, throwIfAborted, unknownName } from './error.js';
export { Random } from './random.js';
