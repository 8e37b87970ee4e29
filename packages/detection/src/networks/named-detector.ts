import { sketch } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { create, networkNames, ResNet } from '@resnet/zoo';
import { type FasterRcnn, fasterRcnn } from './faster-rcnn.js';
import type { FasterRcnnOptions } from './settings.js';

const KINDS = ['fpn', 'fpn-v2', 'c4', 'small'] as const;

/** How detectors are called, for messages and help texts. */
export const DETECTOR_NAMES =
  "a network of the zoo and a kind: 'resnet101-c4' (the paper's), 'resnet50-fpn', 'resnet50-fpn-v2' (torchvision's), 'resnet18-small' or 'resnet20-small' (for few images on a CPU)";

/**
 * For some hundred images and a CPU: a narrow pyramid of three levels on maps of stride 8, 16 and 32, and a small head. Objects are some
 * 20 to 150 pixels large in images whose shorter side has 320.
 */
const small: Partial<FasterRcnnOptions> = {
  stages: ['layer2', 'layer3', 'layer4'],
  pyramid: { channels: 128, hasExtraLevel: false, isNormalized: false },
  anchors: { sizes: [[32], [64], [128]], ratios: [0.5, 1, 2] },
  rpn: { depth: 1, channels: 128 },
  head: {
    ...{ kind: 'two-layer', features: 512, size: 7, pooling: 'align', samplingRatio: 2, aligned: true },
    ...{ canonicalSize: 90, hasContext: false },
  },
  ...{ shorterSide: 320, longestSide: 640 },
};

/** The same for the paper's networks for CIFAR-10, whose maps have strides of 1, 2 and 4: images and objects of half that size. */
const smallOfCifar: Partial<FasterRcnnOptions> = {
  stages: ['layer2', 'layer3'],
  pyramid: { channels: 64, hasExtraLevel: true, isNormalized: false },
  anchors: { sizes: [[16], [32], [64]], ratios: [0.5, 1, 2] },
  rpn: { depth: 1, channels: 64 },
  head: {
    ...{ kind: 'two-layer', features: 256, size: 7, pooling: 'align', samplingRatio: 2, aligned: true },
    // From 32 pixels on, regions are pooled from the map of stride 4.
    ...{ canonicalSize: 128, hasContext: false },
  },
  ...{ shorterSide: 160, longestSide: 320 },
};

/**
 * A detector by the name of its network and its kind, with new weights.
 *
 * @param options replace what the name says
 * @throws OPTION_INVALID if the name is none
 */
export function namedDetector(name: string, options: FasterRcnnOptions): FasterRcnn {
  const kind = KINDS.find((each) => name.endsWith(`-${each}`));
  const network = name.slice(0, -(kind?.length ?? 0) - 1);
  if (!kind || !networkNames.includes(network)) {
    throw new ResnetError('OPTION_INVALID', `A detector is called by ${DETECTOR_NAMES}; found '${name}'.`);
  }
  if (kind === 'small') {
    const zeroInitLast = network.startsWith('resnet') ? { zeroInitLast: true } : {};
    const settings = stageCount(network) === 3 ? smallOfCifar : small;
    return fasterRcnn({ ...settings, ...zeroInitLast, backbone: network, ...options });
  }
  const style = kind === 'c4' ? 'c4' : 'fpn';
  return fasterRcnn({ style, version: kind === 'fpn-v2' ? 2 : 1, backbone: network, ...options });
}

function stageCount(network: string): number | undefined {
  const outline = sketch(() => create(network, { initialize: false }));
  return outline instanceof ResNet ? outline.stages.length : undefined;
}
