import { Random } from '@resnet/core';

/** The options of every network. */
export interface CommonOptions extends InitialWeights {
  /** Default: 10 of networks for CIFAR, 1000 of networks for ImageNet. */
  classes?: number;
  /** Channels of the images: 3 for color (default), 1 for gray. */
  inChannels?: number;
  /** Side of the images in pixels. Default: 32 of networks for CIFAR, 224 of networks for ImageNet, 32 with the small stem. */
  imageSize?: number;
}

/** How a network's weights are initialized. */
export interface InitialWeights {
  /** Fixes every initial weight. Default 0. */
  seed?: number;
  /** Whether weights are drawn at random. False leaves zeros, for weights that are loaded afterwards. Default true. */
  initialize?: boolean;
}

/** The random numbers from which layers draw their weights. */
export function randomFor({ seed = 0, initialize = true }: InitialWeights): Random {
  return initialize ? new Random(seed) : new Zeros(0);
}

class Zeros extends Random {
  override normal(): number {
    return 0;
  }
}
