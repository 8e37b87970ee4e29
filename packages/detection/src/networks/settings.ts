import type { NetworkOptions } from '@resnet/zoo';

/** How weights start, which files don't keep. */
export type InitialOptions = Pick<NetworkOptions, 'seed' | 'initialize' | 'zeroInitLast'>;

/** How a detector is made: plain data, which files of its weights keep. */
export interface DetectorSettings {
  /**
   * 'fpn': a feature pyramid and two fully connected layers on each region, as in torchvision. 'c4': the paper's (Section 4.3): one
   * map at a stride of 16, and the network's last stage on each region.
   */
  style: 'fpn' | 'c4';
  /** The classification network, by its name in the zoo, and its options. */
  backbone: { name: string } & Omit<NetworkOptions, 'classes' | keyof InitialOptions>;
  /** Kinds of objects. The background is not among them. */
  classes: number;
  /** The trunk's stages whose maps are used, by name, in order. */
  stages: readonly string[];
  pyramid: {
    /** Channels of its levels. */
    channels: number;
    /** Whether there is one more level, of every second pixel of the last. */
    hasExtraLevel: boolean;
    /** Whether it has batch normalization, as torchvision's second version. */
    isNormalized: boolean;
  };
  anchors: {
    /** Sides in pixels of each level's anchors, of the largest map first. */
    sizes: readonly (readonly number[])[];
    /** Height divided by width. */
    ratios: readonly number[];
  };
  rpn: {
    /** Its 3×3 convolutions, and their channels. */
    depth: number;
    channels: number;
  };
  head: {
    kind: 'two-layer' | 'convolutions' | 'stage';
    /** Features of the two-layer head and of the one with convolutions. */
    features: number;
    /** Side of a region's map. */
    size: number;
    pooling: 'align' | 'max';
    /** Samples along a side of a cell of RoIAlign; 0 for as many as there are pixels. */
    samplingRatio: number;
    /** Whether RoIAlign shifts regions by half a pixel, so that they lie as pixels do. */
    aligned: boolean;
    /** Side in pixels of a square region that is pooled from the map of stride 16. */
    canonicalSize: number;
    /** Whether features of the whole image are beside those of the region: the paper's global context. */
    hasContext: boolean;
  };
  /** ε of the trunk's batch normalization. */
  epsilon: number;
  /** Of images before the network: pixels of the shorter side, and at most so many of the longer. */
  shorterSide: number;
  longestSide: number;
}

export interface FasterRcnnOptions
  extends Partial<Omit<DetectorSettings, 'classes' | 'backbone'>>,
    InitialOptions {
  /** Kinds of objects, without the background. */
  classes: number;
  /** A network of the zoo: its name, or the name with its options. Default 'resnet50'. */
  backbone?: string | DetectorSettings['backbone'];
  /** Of torchvision's detectors with a pyramid. 2 has batch normalization in it, and convolutions in the head. Default 1. */
  version?: 1 | 2;
}

const RATIOS = [0.5, 1, 2];

/** The options with torchvision's settings ('fpn'), or those of the paper and of Faster R-CNN ('c4'), where they leave something open. */
export function detectorSettings(options: FasterRcnnOptions): DetectorSettings {
  const { seed: _, initialize: __, zeroInitLast: ___, ...others } = options;
  const { style = 'fpn', version = 1, backbone = 'resnet50', ...given } = others;
  const named = typeof backbone === 'string' ? { name: backbone } : backbone;
  const isVgg = named.name.startsWith('vgg');
  // torchvision's networks have the stride there; the paper's have it in the first 1×1.
  const strideOn = /^resnet(50|101|152)$/.test(named.name) ? { strideOn: '3x3' as const } : {};
  const usual = style === 'fpn' ? pyramidSettings(version) : stageSettings(isVgg);
  return { ...usual, style, ...given, backbone: { ...strideOn, ...named } };
}

function pyramidSettings(version: 1 | 2): Omit<DetectorSettings, 'style' | 'classes' | 'backbone'> {
  return {
    stages: ['layer1', 'layer2', 'layer3', 'layer4'],
    pyramid: { channels: 256, hasExtraLevel: true, isNormalized: version === 2 },
    anchors: { sizes: [[32], [64], [128], [256], [512]], ratios: RATIOS },
    rpn: { depth: version, channels: 256 },
    head: {
      kind: version === 2 ? 'convolutions' : 'two-layer',
      ...{ features: 1024, size: 7, pooling: 'align', samplingRatio: 2, aligned: false },
      ...{ canonicalSize: 224, hasContext: false },
    },
    ...{ epsilon: 1e-5, shorterSide: 800, longestSide: 1333 },
  };
}

/** The paper does not say how large the regions' maps are: 14 × 14, which the last stage halves, as detectron2 has them. */
function stageSettings(isVgg: boolean): Omit<DetectorSettings, 'style' | 'classes' | 'backbone'> {
  return {
    stages: [isVgg ? 'stage5' : 'layer3'],
    pyramid: { channels: 0, hasExtraLevel: false, isNormalized: false },
    anchors: { sizes: [[128, 256, 512]], ratios: RATIOS },
    rpn: { depth: 1, channels: 512 },
    head: {
      kind: 'stage',
      ...{ features: 0, size: isVgg ? 7 : 14, pooling: 'max', samplingRatio: 0, aligned: false },
      ...{ canonicalSize: 224, hasContext: false },
    },
    ...{ epsilon: 1e-5, shorterSide: 600, longestSide: 1000 },
  };
}
