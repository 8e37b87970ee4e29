import { describe, expect, it } from 'vitest';
import { readConfig } from './config.js';

/** As timm's save_for_hf writes it. */
const timm = {
  architecture: 'resnet50',
  num_classes: 3,
  num_features: 2048,
  global_pool: 'avg',
  pretrained_cfg: {
    tag: 'a1_in1k',
    input_size: [3, 224, 224],
    interpolation: 'bicubic',
    crop_pct: 0.95,
    mean: [0.5, 0.25, 0.125],
    std: [0.5, 0.25, 0.25],
    first_conv: 'conv1',
    classifier: 'fc',
  },
  label_names: ['ant', 'bee', 'cat'],
};

/** As transformers writes it, with the numbers of preprocessor_config.json. */
const transformers = {
  architectures: ['ResNetForImageClassification'],
  depths: [3, 4, 6, 3],
  downsample_in_first_stage: false,
  embedding_size: 64,
  hidden_act: 'relu',
  hidden_sizes: [256, 512, 1024, 2048],
  id2label: { 0: 'ant', 2: 'cat', 1: 'bee' },
  layer_type: 'bottleneck',
  model_type: 'resnet',
  num_channels: 3,
  image_mean: [0.5, 0.25, 0.125],
  image_std: [0.5, 0.25, 0.25],
};

const normalization = { mean: Float32Array.of(0.5, 0.25, 0.125), std: Float32Array.of(0.5, 0.25, 0.25) };
const classNames = ['ant', 'bee', 'cat'];
/** What timm's pretrained_cfg above says of images. */
const images = { imageSize: 224, crop: 0.95, filter: 'bicubic' };
const refusal = (problem: string) =>
  expect.objectContaining({ code: 'WEIGHTS_MISMATCH', message: expect.stringContaining(problem) });

describe('readConfig', () => {
  it('reads what timm says', () => {
    expect(readConfig({}, timm)).toEqual({ name: 'resnet50', normalization, ...images, classNames });
  });

  it('reads what transformers says', () => {
    expect(readConfig({}, transformers)).toEqual({ normalization, classNames });
    expect(readConfig({}, { ...transformers, downsample_in_bottleneck: true })).toMatchObject({
      strideOn: '1x1',
    });
    expect(readConfig({}, { ...transformers, downsample_in_bottleneck: false })).toMatchObject({
      strideOn: '3x3',
    });
  });

  it('reads the metadata of the file itself, which go first', () => {
    const metadata = { mean: '[0.5, 0.25, 0.125]', std: '[0.5, 0.25, 0.25]', architecture: 'resnet18' };
    expect(readConfig(metadata)).toEqual({ name: 'resnet18', normalization });
    const other = { ...timm, pretrained_cfg: {}, mean: [0, 0, 0], std: [1, 1, 1] };
    expect(readConfig(metadata, other)).toMatchObject({ name: 'resnet18', normalization });
    expect(readConfig({ config: JSON.stringify(timm) })).toEqual({
      ...{ name: 'resnet50', normalization, ...images, classNames },
    });
    expect(readConfig({ pretrained_cfg: JSON.stringify(timm.pretrained_cfg) })).toEqual({
      normalization,
      ...images,
    });
    expect(readConfig({ format: 'pt', note: '{' })).toEqual({});
  });

  it('reads how transformers scales and cuts images', () => {
    const read = (change: object) => readConfig({}, { ...transformers, ...change });
    expect(read({ size: { shortest_edge: 224 }, crop_pct: 0.875, resample: 3 })).toEqual({
      ...{ normalization, classNames, imageSize: 224, crop: 0.875, filter: 'bicubic' },
    });
    expect(read({ size: 64, resample: 2 })).toMatchObject({ imageSize: 64, filter: 'bilinear' });
    expect(read({ size: { height: 96, width: 96 }, resample: 1 })).toMatchObject({
      imageSize: 96,
      notes: [expect.stringContaining('"lanczos"')],
    });
  });

  it('says what is done otherwise with images, and takes no nonsense', () => {
    const read = (change: object) => {
      return readConfig({}, { ...timm, pretrained_cfg: { ...timm.pretrained_cfg, ...change } });
    };
    expect(read({ crop_mode: 'squash' }).notes).toEqual([expect.stringContaining('"squash"')]);
    expect(read({ interpolation: 'lanczos' })).toMatchObject({
      notes: [expect.stringContaining('"lanczos"')],
    });
    expect(read({ input_size: [3, 224, 160] })).toMatchObject({
      notes: [expect.stringContaining('"[3,224,160]" are not square')],
    });
    for (const change of [
      { input_size: 'x' },
      { input_size: [3, -1, -1] },
      { crop_pct: 0 },
      { crop_pct: '1' },
    ]) {
      const [key] = Object.keys(change);
      expect(read(change)).not.toHaveProperty(key === 'crop_pct' ? 'crop' : 'imageSize');
    }
  });

  it.each([{ id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } }, { id2label: { 0: 'ant', 2: 'cat' } }])(
    'takes no names of classes that are none: %j',
    (change) => {
      expect(readConfig({}, { ...transformers, ...change }).classNames).toBeUndefined();
    },
  );

  it.each<[string, object]>([
    ['"resnetaa50", which is no network', { architecture: 'resnetaa50' }],
    ['"resnetblur50.bt_in1k", which is no', { architecture: 'resnetblur50.bt_in1k' }],
    ['"vit_base_patch16_224", which is no', { architecture: 'vit_base_patch16_224' }],
    ['pools by "max"', { global_pool: 'max' }],
    ['pools by "catavgmax"', { model_args: { global_pool: 'catavgmax' } }],
    ['activation is "silu"', { model_args: { act_layer: 'silu' } }],
    ['the network has "aa_layer": "avg"', { model_args: { aa_layer: 'avg', num_classes: 10 } }],
  ])('refuses what this project would compute otherwise: %s', (problem, change) => {
    expect(() => readConfig({}, { ...timm, ...change })).toThrow(refusal(problem));
  });

  it.each<[string, object]>([
    ['of a "vit"', { model_type: 'vit' }],
    ['activation is "gelu"', { hidden_act: 'gelu' }],
    ['a stride in its first stage', { downsample_in_first_stage: true }],
  ])('refuses what transformers would compute otherwise: %s', (problem, change) => {
    expect(() => readConfig({}, { ...transformers, ...change })).toThrow(refusal(problem));
  });

  it('takes timm’s output stride', () => {
    expect(readConfig({}, { ...timm, model_args: { output_stride: 16 } })).toMatchObject({
      outputStride: 16,
    });
  });

  it('believes a checkpoint’s own word on its architecture only where it is one of this family', () => {
    expect(() => readConfig({ arch: 'resnetaa50' })).toThrow(refusal('"resnetaa50"'));
    expect(() => readConfig({ arch: 'wide_resnet50_2' })).toThrow(refusal('"wide_resnet50_2"'));
    expect(readConfig({ arch: 'my-network' })).toEqual({});
    expect(readConfig({ arch: 'resnet20' })).toEqual({});
    expect(readConfig({ arch: 'tv_resnet50' })).toEqual({ name: 'resnet50' });
  });

  it('reads no normalization from what is none', () => {
    for (const change of [{ mean: 'x' }, { std: [0, 1, 1] }, { std: [1] }, { mean: [null, 1, 1] }]) {
      const pretrained_cfg = { ...timm.pretrained_cfg, ...change };
      expect(readConfig({}, { ...timm, pretrained_cfg }).normalization).toBeUndefined();
    }
  });
});
