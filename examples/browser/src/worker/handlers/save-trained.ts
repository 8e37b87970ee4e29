import { ResnetError } from '@resnet/core';
import { exportOnnx, packModel, writeSafetensors } from '@resnet/zoo';
import { memory } from '../training/memory.js';

export type TrainedFormat = 'safetensors' | 'onnx';

/**
 * A network that was trained, as a file.
 *
 * @param params.run which of those trained side by side, from 0
 */
export async function saveTrained({
  run,
  format,
}: {
  run: number;
  format: TrainedFormat;
}): Promise<Uint8Array> {
  const model = memory.models[run];
  if (!model) throw new ResnetError('WEIGHTS_MISSING', 'No network has been trained yet.');
  if (format === 'onnx') return await exportOnnx(model);
  const { tensors, metadata } = await packModel(model);
  return writeSafetensors(tensors, metadata);
}
