import { readFile, stat } from 'node:fs/promises';
import { ResnetError } from '@resnet/backend';
import { type EvaluationFile, parseEvaluationFile } from '@resnet/eval';

const MOST_BYTES = 256 * 2 ** 20;

/** Reads a file that `resnet eval --out` wrote. @throws FILE_UNREADABLE, DATA_INVALID */
export async function readEvaluationFile(path: string): Promise<EvaluationFile> {
  const unreadable = (problem: string, cause?: unknown) =>
    new ResnetError('FILE_UNREADABLE', `Can't read an evaluation from ${path}: ${problem}.`, { cause });
  const found = await stat(path).catch((cause: Error) => {
    throw unreadable(cause.message, cause);
  });
  if (found.size > MOST_BYTES) {
    throw unreadable(`it has ${found.size} bytes, more than the ${MOST_BYTES} that are read`);
  }
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw unreadable(cause.message, cause);
  });
  return parseEvaluationFile(text, path);
}
