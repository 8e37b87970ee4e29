import { type EvaluationFile, parseEvaluationFile } from '@resnet/eval';
import { readText } from '../shared/options/read-text.js';

/** That of ImageNet's 1000 classes has about 1 MB. */
const MOST_BYTES = 2 ** 24;

/** Reads a file that `resnet eval --out` wrote. @throws FILE_UNREADABLE, DATA_INVALID */
export async function readEvaluationFile(path: string): Promise<EvaluationFile> {
  return parseEvaluationFile(await readText('an evaluation', path, MOST_BYTES), path);
}
