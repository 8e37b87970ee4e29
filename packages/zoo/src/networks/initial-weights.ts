import { Random } from '@resnet/core';

/** How a network's first weights come about. */
export interface InitialWeights {
  /** Fixes every initial weight. Default 0. */
  seed?: number;
  /** Whether weights are drawn. False leaves zeros, for weights that are loaded right after. Default true. */
  initialize?: boolean;
}

/** What the constructors of layers draw their weights from. */
export function randomFor({ seed = 0, initialize = true }: InitialWeights): Random {
  return initialize ? new Random(seed) : new Zeros(0);
}

class Zeros extends Random {
  override normal(): number {
    return 0;
  }
}
