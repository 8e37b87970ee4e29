import { readWeightsFile, type SaveOptions, writeSafetensorsFile } from '@resnet/zoo/node';
import { type DetectorModel, openDetector, packDetector } from './model.js';

/**
 * Opens a file of a detector's weights, as `openDetector` does.
 *
 * @throws as `readWeightsFile` of `@resnet/zoo` and `openDetector`
 */
export async function loadDetector(file: string | URL): Promise<DetectorModel> {
  return openDetector(await readWeightsFile(file));
}

/**
 * Writes a detector as one safetensors file, which `loadDetector` and PyTorch read, as it is at the moment of the call.
 *
 * @throws FILE_UNWRITABLE; WEIGHTS_INVALID as `writeSafetensors` of `@resnet/zoo` does
 */
export async function saveDetector(
  path: string,
  model: Omit<DetectorModel, 'notes'>,
  options?: SaveOptions,
): Promise<void> {
  const { tensors, metadata } = await packDetector(model);
  await writeSafetensorsFile(path, tensors, metadata, options);
}
