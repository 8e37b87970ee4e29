/** What an error of this package can be about; codes are stable. */
export type KernelsErrorCode =
  | 'INPUT_INVALID'
  | 'KERNEL_FAILED'
  | 'OPTION_INVALID'
  | 'OUT_OF_MEMORY'
  | 'THREAD_LOST'
  | 'WASM_UNAVAILABLE';

const marker = Symbol.for('resnet.error');

/**
 * The error that this package throws: `code` is meant for programs, `message` for people. `ResnetError.is` of
 * `@resnet/backend` knows it too.
 */
export class KernelsError extends Error {
  readonly code: KernelsErrorCode;
  readonly [marker] = true;

  constructor(code: KernelsErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'KernelsError';
    this.code = code;
  }
}
