import { ResnetError } from '@resnet/core';
import { type EvaluationFile, parseEvaluationFile } from '@resnet/eval';
import { readRegularText } from '@resnet/files/node';

/** That of ImageNet's 1000 classes has some 1 MB. */
const MOST_BYTES = 2 ** 24;

/** Reads a file that `resnet eval --out` wrote. @throws FILE_UNREADABLE, DATA_INVALID */
export async function readEvaluationFile(path: string): Promise<EvaluationFile> {
  const unreadable = (problem: string, cause?: unknown) =>
    new ResnetError('FILE_UNREADABLE', `Can't read an evaluation from ${path}: ${problem}.`, { cause });
  const text = await readRegularText(path, MOST_BYTES).catch((cause: Error) => {
    throw unreadable(cause.message, cause);
  });
  return parseEvaluationFile(text, path);
}
