import { ResnetError } from '@resnet/core';

/** Puts a file's name before the messages of errors about its contents. */
export function namingFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (ResnetError.is(cause)) throw new ResnetError(cause.code, `${file}: ${cause.message}`, { cause });
    throw cause;
  }
}
