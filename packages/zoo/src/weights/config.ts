import { ResnetError } from '@resnet/core';
import type { Normalization, ResizeFilter } from '@resnet/data';
import { parseJson, quote } from '@resnet/files';
import { defined } from '../defined.js';
import { isNumbers, isObject, isStrings } from '../json.js';
import type { Architecture } from '../networks/network.js';
import { networkNames } from '../networks/registry.js';

/** What a config.json of timm or of Hugging Face's transformers, or the same fields in a file's metadata, says about weights. */
export interface Config
  extends Partial<Pick<Architecture, 'name' | 'strideOn' | 'outputStride' | 'imageSize'>> {
  normalization?: Normalization;
  /** How much of the shorter side of an image the square from its middle takes. */
  crop?: number;
  /** How images are scaled before. */
  filter?: ResizeFilter;
  classNames?: readonly string[];
  /** Settings that are not followed here: one statement each. */
  notes?: readonly string[];
}

type Values = Record<string, unknown>;

/** timm's and torchvision's names of this project's networks, with the origin of the weights. */
const ours = /^(?:tv_|ssl_|swsl_|gluon_)?(resnet(?:18|34|50|101|152)|vgg(?:16|19))(?:_v1b)?(?:\.\w+)?$/;

/** Names of networks of the same family, many of which have the same tensors and compute something else. */
const related = /^(\w+_)?(\w*res(net|next|nest)\w*\d|vgg\d)/;

/** Longer texts are no names of networks, and would make the expressions above slow. */
const LONGEST_NAME = 100;

/** Arguments of timm's networks that do not change inference, or that the tensors show. */
const harmless = [
  'num_classes',
  'in_chans',
  'drop_rate',
  'drop_path_rate',
  'drop_block_rate',
  'zero_init_last',
  'pretrained',
];

/**
 * Reads what a configuration says.
 *
 * @param metadata of the file itself; it goes before `beside`
 * @param beside config.json and preprocessor_config.json, as JSON
 * @throws WEIGHTS_MISMATCH if the network computes something else than those of this project, though its tensors may be the same
 */
export function readConfig(metadata: Readonly<Record<string, string>>, beside: Values = {}): Config {
  const own = valuesOf(metadata);
  const values = { ...beside, ...own };
  if (values.model_type !== undefined) return readTransformers(values);
  return readTimm(values, beside.architecture !== undefined);
}

/** Metadata are texts; lists and objects in them are JSON. `config` may hold a whole config.json. */
function valuesOf(metadata: Readonly<Record<string, string>>): Values {
  const values: Values = {};
  for (const [name, text] of Object.entries(metadata)) values[name] = parsed(text);
  return isObject(values.config) ? { ...values.config, ...values } : values;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** @param isCertain whether `architecture` is certainly timm's field, and not any text of that name */
function readTimm(values: Values, isCertain: boolean): Config {
  const pretrained = isObject(values.pretrained_cfg) ? values.pretrained_cfg : {};
  const options = isObject(values.model_args) ? values.model_args : {};
  const architecture = values.architecture ?? values.arch;
  const named = typeof architecture === 'string' ? architecture.slice(0, LONGEST_NAME) : '';
  const name = ours.exec(named)?.[1];
  const isOther = name === undefined && !networkNames.some((known) => known === architecture);
  if (typeof architecture === 'string' && isOther && (isCertain || related.test(named))) {
    throw differs(`they are of ${quote(architecture)}, which is no network of this project`);
  }
  const pool = [values.global_pool, options.global_pool].find((each) => each !== undefined && each !== 'avg');
  if (pool !== undefined) {
    throw differs(`the network pools by ${shown(pool)}, and those of this project by the average`);
  }
  const { output_stride: outputStride, act_layer: activation, global_pool: _, ...others } = options;
  if (!['relu', undefined].some((known) => known === activation)) {
    throw differs(`the network's activation is ${shown(activation)}, and that of this project ReLU`);
  }
  const unknown = Object.keys(others).find((option) => !harmless.includes(option));
  if (unknown !== undefined) {
    throw differs(
      `the network has ${quote(unknown)}: ${shown(others[unknown])}, which those of this project do not`,
    );
  }
  return {
    ...defined({ name, outputStride: outputStride === 8 || outputStride === 16 ? outputStride : undefined }),
    ...normalizationOf(pretrained.mean ?? values.mean, pretrained.std ?? values.std),
    ...imagesOf({ ...values, ...pretrained }),
    ...defined({ classNames: isStrings(values.label_names) ? values.label_names : undefined }),
  };
}

function readTransformers(values: Values): Config {
  if (values.model_type !== 'resnet') {
    throw differs(
      `they are of a ${shown(values.model_type)} of transformers, which is no network of this project`,
    );
  }
  const activation = values.hidden_act ?? 'relu';
  if (activation !== 'relu') {
    throw differs(`the network's activation is ${shown(activation)}, and that of this project ReLU`);
  }
  if (values.downsample_in_first_stage === true) {
    throw differs('the network has a stride in its first stage, and those of this project do not');
  }
  const labels = isObject(values.id2label) ? labelsOf(values.id2label) : undefined;
  return {
    ...(typeof values.downsample_in_bottleneck === 'boolean' && values.layer_type !== 'basic'
      ? { strideOn: values.downsample_in_bottleneck ? '1x1' : '3x3' }
      : {}),
    ...normalizationOf(values.image_mean, values.image_std),
    ...imagesOf({
      input_size: sidesOf(values.size),
      crop_pct: values.crop_pct,
      interpolation: PILLOW[Number(values.resample)],
    }),
    ...defined({ classNames: labels }),
  };
}

/** The names by the numbers of their classes; undefined where they are not those of all classes, or transformers' own LABEL_0. */
function labelsOf(id2label: Values): readonly string[] | undefined {
  const names = Array.from({ length: Object.keys(id2label).length }, (_, id) => id2label[String(id)]);
  if (!isStrings(names) || names.every((name) => /^LABEL_\d+$/.test(name))) return undefined;
  return names;
}

function normalizationOf(mean: unknown, std: unknown): { normalization?: Normalization } {
  if (!isNumbers(mean) || !isNumbers(std) || mean.length === 0) return {};
  if (mean.length !== std.length || std.some((value) => value <= 0)) return {};
  return { normalization: { mean: Float32Array.from(mean), std: Float32Array.from(std) } };
}

/** Pillow's numbers of its filters, which transformers uses. */
const PILLOW: Readonly<Record<number, string>> = {
  0: 'nearest',
  1: 'lanczos',
  2: 'bilinear',
  3: 'bicubic',
  4: 'box',
  5: 'hamming',
};

/** A size of transformers in timm's form. */
function sidesOf(size: unknown): number[] | undefined {
  const side = isObject(size) ? (size.shortest_edge ?? size.height) : size;
  return typeof side === 'number' ? [3, side, side] : undefined;
}

/** What timm says of the images that a network takes. */
function imagesOf(values: Values): Pick<Config, 'imageSize' | 'crop' | 'filter' | 'notes'> {
  const { input_size: sides, crop_pct: crop, crop_mode: mode = 'center', interpolation } = values;
  const [, height, width] = Array.isArray(sides) ? sides : [];
  const notes: string[] = [];
  if (height !== width) notes.push(`images of ${shown(sides)} are not square, and not taken so`);
  if (mode !== 'center') notes.push(`images are cut by the mode ${shown(mode)}, and here from the middle`);
  const isKnown = interpolation === 'bilinear' || interpolation === 'bicubic';
  if (interpolation !== undefined && !isKnown) {
    notes.push(`images are scaled by ${shown(interpolation)}, and here by bilinear interpolation`);
  }
  return defined({
    imageSize: height === width && Number.isInteger(height) && height > 0 ? (height as number) : undefined,
    crop: typeof crop === 'number' && crop >= 0.25 && crop <= 1 ? crop : undefined,
    filter: isKnown ? interpolation : undefined,
    notes: notes.length > 0 ? notes.map((note) => `by the configuration ${note}`) : undefined,
  });
}

function differs(problem: string): ResnetError {
  return new ResnetError(
    'WEIGHTS_MISMATCH',
    `By the configuration that comes with the weights ${problem}. If that is about other weights, move it away; to open them all the same, name the network.`,
  );
}

function shown(value: unknown): string {
  return quote(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));
}
