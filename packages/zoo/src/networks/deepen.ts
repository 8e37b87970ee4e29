import type { BasicBlock, Bottleneck, PlainBlock } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { defined } from '../defined.js';
import { cifarPlain, cifarResNet } from './cifar.js';
import { imageNetPlain, imageNetResNet } from './imagenet.js';
import type { Network } from './network.js';
import { CIFAR_DEPTHS, type ImageNetDepth } from './plans.js';
import type { ResNet } from './resnet.js';

/**
 * The solution by construction of the paper's Section 1: a deeper network that computes the same function, with the layers of
 * the given one copied and added blocks that are identities: plain blocks of identity convolutions, or residual blocks whose
 * residual is zero. So a deeper network need not have a higher training error; whether training finds one as good is another
 * matter.
 *
 * It is the same function in inference mode. In training mode the normalizations of added plain blocks take the batch's
 * statistics, and the blocks are identities no more; added residual blocks stay identities, but for projections (option C).
 *
 * @param depth of the new network: one of the same kind, as 32 for ResNet-20 or 101 for ResNet-50
 * @returns a new network in the mode of the given one; owned by the caller
 * @throws OPTION_INVALID if there is no such network, or it has other blocks or is not deeper
 */
export async function deepen(network: Network, depth: number): Promise<Network> {
  const { name } = network.architecture;
  const deeper = sameKind(network, depth);
  try {
    const [state, own] = await Promise.all([deeper.stateDict(), network.stateDict()]);
    for (const [key, tensor] of own) {
      if (String(state.get(key)?.shape) !== String(tensor.shape)) {
        const message = `${deeper.architecture.name} is not a deeper ${name}: it has no ${key} of shape [${tensor.shape}].`;
        throw new ResnetError('OPTION_INVALID', message);
      }
      state.set(key, tensor);
    }
    deeper.loadStateDict(state);
    let added = 0;
    const known = new Set(own.keys());
    for (const [number, stage] of deeper.stages.entries()) {
      for (const [index, block] of stage.children()) {
        if (own.has(`layer${number + 1}.${index}.conv1.weight`)) continue;
        (block as PlainBlock | BasicBlock | Bottleneck).makeIdentity();
        added++;
        for (const [key] of block.namedParameters(`layer${number + 1}.${index}.`)) known.add(key);
      }
    }
    const other = [...state.keys()].find((key) => !known.has(key));
    if (other !== undefined) {
      const message = `${name} has other blocks than ${deeper.architecture.name}: it has no ${other}.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    if (added === 0)
      throw new ResnetError('OPTION_INVALID', `A network of depth ${depth} is not deeper than ${name}.`);
  } catch (error) {
    deeper.dispose();
    throw error;
  }
  deeper.setTraining(network.training);
  return deeper;
}

/** A network of another depth with the same options. */
function sameKind({ architecture }: Network, depth: number): ResNet {
  const { name, shortcut, stem, ...options } = architecture;
  const [, kind, ownDepth, suffix] = /^(resnet|plain)(\d+)(-cifar)?$/.exec(name) ?? [];
  if (kind === undefined) {
    throw new ResnetError('OPTION_INVALID', `${name} has no blocks that could be added.`);
  }
  if (suffix !== undefined || CIFAR_DEPTHS.some((known) => known === Number(ownDepth))) {
    return shortcut === undefined ? cifarPlain(depth, options) : cifarResNet(depth, { ...options, shortcut });
  }
  const withStem = { ...options, ...defined({ stem }) };
  return shortcut === undefined
    ? imageNetPlain(depth as 18 | 34, withStem)
    : imageNetResNet(depth as ImageNetDepth, { ...withStem, shortcut });
}
