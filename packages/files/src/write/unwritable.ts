import { ResnetError } from '@resnet/core';

/**
 * The error for a file that can't be written, with advice.
 *
 * @param elsewhere what to name instead: 'another folder'
 */
export function unwritable(path: string, cause: unknown, elsewhere: string): ResnetError {
  const { code } = (cause ?? {}) as { code?: unknown };
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const problem = isFull ? 'the disk is full' : cause instanceof Error ? cause.message : String(cause);
  const advice = `${isFull ? 'Make room, or name' : 'Name'} ${elsewhere}.`;
  return new ResnetError('FILE_UNWRITABLE', `Can't write ${path}: ${problem}. ${advice}`, { cause });
}
