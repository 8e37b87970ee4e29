import { Module, type ShortcutOption } from '@resnet/blocks';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** What it takes to build a network again, apart from its weights. */
export interface Architecture {
  /** Its name in the registry: 'resnet20'. */
  name: string;
  classes: number;
  /** Channels of the images. */
  inChannels: number;
  /** Kind of shortcut; a plain network has none. */
  shortcut?: ShortcutOption;
}

/** A classifier: images in, logits out. */
export abstract class Network extends Module<Tensor4D, Tensor2D> {
  readonly architecture: Architecture;
  /** [height, width, channels] of the images that the network was designed for. */
  readonly inputShape: readonly [number, number, number];

  constructor(architecture: Architecture, inputShape: readonly [number, number, number]) {
    super();
    this.architecture = architecture;
    this.inputShape = inputShape;
  }
}
