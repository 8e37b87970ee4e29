export { throwIfAborted } from './abort.js';
export { checkInteger } from './check-integer.js';
export { defined } from './defined.js';
export { type ErrorCode, type ErrorCodes, ResnetError } from './error.js';
export { formatCount, formatPercent } from './format.js';
export { nextTask } from './next-task.js';
/** @internal */
export { patchProperty } from './patch-property.js';
export { printable } from './printable.js';
export { Random } from './random.js';
export { noteRegistered } from './registered-names.js';
export { describeDifferences, settingTexts } from './settings-differences.js';
export { unknownName } from './unknown-name.js';
export { withinTime } from './within-time.js';
