import { dirname, join } from 'node:path';
import { parseJson } from '@resnet/files';
import { readRegularText } from '@resnet/files/node';
import { isObject } from '../json.js';

/** Configurations of 1000 classes have some 100 kB. */
const maximumBytes = 2 ** 22;

/**
 * What timm or transformers say of the weights in a file: config.json in its folder, and preprocessor_config.json, which has
 * the normalization of transformers. Undefined if there is none, or it is another program's.
 */
export async function configBeside(file: string): Promise<Record<string, unknown> | undefined> {
  const folder = dirname(file);
  const config = await readJson(join(folder, 'config.json'));
  if (config === undefined || !(isOfTimm(config) || isOfTransformers(config))) return undefined;
  const processor = (await readJson(join(folder, 'preprocessor_config.json'))) ?? {};
  const isOfImages = ([name]: [string, unknown]) =>
    ['image_mean', 'image_std', 'size', 'crop_pct', 'resample'].includes(name);
  return { ...config, ...Object.fromEntries(Object.entries(processor).filter(isOfImages)) };
}

const isOfTimm = (config: Record<string, unknown>) =>
  typeof config.architecture === 'string' && ('pretrained_cfg' in config || 'num_classes' in config);

const isOfTransformers = (config: Record<string, unknown>) =>
  typeof config.model_type === 'string' && ('architectures' in config || 'transformers_version' in config);

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = parseJson(await readRegularText(path, maximumBytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
