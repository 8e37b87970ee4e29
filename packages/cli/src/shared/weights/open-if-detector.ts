import { existsSync } from 'node:fs';
import { type DetectorModel, isDetector, openDetector } from '@resnet/detection';
import { readWeightsFile } from '@resnet/zoo/node';

/** undefined if there is no file of a detector; what else it is, or what is wrong with it, `openWeights` says. */
export async function openIfDetector(file: string): Promise<DetectorModel | undefined> {
  if (!existsSync(file)) return undefined;
  const weights = await readWeightsFile(file).catch(() => undefined);
  return weights && isDetector(weights) ? openDetector(weights) : undefined;
}
