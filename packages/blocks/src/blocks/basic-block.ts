import type { Graph, Value } from '../graph/graph.js';
import { Add } from '../layers/add.js';
import { PlainBlock, type PlainBlockConfig } from './plain-block.js';
import { createShortcut, type Shortcut, type ShortcutOption } from './shortcut.js';

export interface BasicBlockConfig extends PlainBlockConfig {
  shortcut: ShortcutOption;
}

/**
 * A plain block with a shortcut around it: y = relu(F(x) + shortcut(x)) (Equations 1 and 2, Figure 2). With
 * shortcuts of option A it has the same weights as the plain block of the same seed.
 */
export class BasicBlock extends PlainBlock {
  readonly downsample: Shortcut;
  readonly add = new Add();

  constructor(config: BasicBlockConfig) {
    super(config);
    const { stride = 1, shortcut, ...rest } = config;
    this.downsample = createShortcut({ ...rest, option: shortcut, stride });
  }

  override describe(graph: Graph, x: Value): Value {
    const residual = this.residual(graph, x);
    const shortcut = graph.call(this.downsample, x);
    return graph.chain(graph.call(this.add, residual, shortcut), this.relu);
  }

  /** Sets γ and β of the last normalization to 0, so that the block gives what its shortcut does. */
  zeroResidual(): void {
    this.bn2.zero();
  }

  /** Makes the block the identity, for an input without negative values. Its dimensions must not change. */
  override makeIdentity(): void {
    this.zeroResidual();
    this.downsample.makeIdentity();
  }
}
