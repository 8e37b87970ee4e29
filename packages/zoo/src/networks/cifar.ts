import { BasicBlock, PlainBlock, type ShortcutOption } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { defined } from '../defined.js';
import type { CommonOptions } from './initial-weights.js';
import { CIFAR_WIDTHS, cifarBlocks, cifarName } from './plans.js';
import { ResNet, stemOf } from './resnet.js';

export interface CifarOptions extends CommonOptions {
  /** Kind of shortcut. Default A, which the paper uses for all of its CIFAR-10 networks. */
  shortcut?: ShortcutOption;
  /** Whether γ of each block's last normalization starts at 0, so that blocks start as identities. Default false. */
  zeroInitLast?: boolean;
}

/**
 * A residual network for CIFAR (Section 4.2): a 3×3 convolution, three stages of n blocks on maps of 32, 16 and 8 pixels
 * with 16, 32 and 64 channels, global average pooling, and a fully connected layer: 6n + 2 weighted layers. The paper's
 * depths are 20, 32, 44, 56, 110 and 1202.
 *
 * @throws OPTION_INVALID if depth is not 6n + 2
 */
export function cifarResNet(depth: number, options: CifarOptions = {}): ResNet {
  return cifarNetwork(depth, options.shortcut ?? 'A', options);
}

/**
 * The plain counterpart of a residual network: the same layers without shortcuts, and, with option A, the same
 * initial weights for the same seed.
 *
 * @throws OPTION_INVALID if depth is not 6n + 2
 */
export function cifarPlain(
  depth: number,
  options: Omit<CifarOptions, 'shortcut' | 'zeroInitLast'> = {},
): ResNet {
  return cifarNetwork(depth, undefined, options);
}

function cifarNetwork(depth: number, shortcut: ShortcutOption | undefined, options: CifarOptions): ResNet {
  const blocks = cifarBlocks(depth);
  if (blocks === undefined) {
    const message = `A CIFAR network has 6n + 2 layers, such as 20, 32, 44, 56, 110 or 1202; found ${depth}.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  const { classes = 10, inChannels = 3, imageSize, shortcut: _, ...rest } = options;
  return new ResNet({
    ...rest,
    architecture: {
      name: cifarName(shortcut === undefined ? 'plain' : 'resnet', depth),
      classes,
      inChannels,
      ...defined({ shortcut, imageSize }),
    },
    designSize: 32,
    stem: stemOf(CIFAR_WIDTHS[0], { size: 3 }),
    stages: CIFAR_WIDTHS.map((width) => ({ blocks, width })),
    block: ({ width, shortcut, ...config }) =>
      shortcut === undefined
        ? new PlainBlock({ ...config, outChannels: width })
        : new BasicBlock({ ...config, outChannels: width, shortcut }),
  });
}
