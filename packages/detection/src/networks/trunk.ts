import { type Graph, MaxPool, Module, Sequential, type Value } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { type Network, ResNet, Vgg } from '@resnet/zoo';

/** A network's stages without its last layers: what its maps are taken from. */
export class Trunk extends Module {
  readonly #stages: ReadonlyMap<string, readonly Module[]>;

  /**
   * @param fields the modules under their names in files
   * @param stages the same modules in order, by the stage whose map they make
   */
  constructor(fields: Record<string, Module>, stages: ReadonlyMap<string, readonly Module[]>) {
    super();
    Object.assign(this, fields);
    this.#stages = stages;
  }

  /** The names of the stages, the stem first. */
  get stageNames(): string[] {
    return [...this.#stages.keys()];
  }

  /** Each stage's map is marked with the stage's name. */
  override describe(graph: Graph, image: Value): Value {
    let value = image;
    for (const [name, modules] of this.#stages) {
      value = graph.chain(value, ...modules);
      graph.mark(name, value);
    }
    return value;
  }

  /** Excludes the stages up to and including the one of this name from training. */
  freezeThrough(name: string): void {
    for (const [stage, modules] of this.#stages) {
      for (const module of modules) module.freeze();
      if (stage === name) return;
    }
  }
}

/** A classification network cut in two. */
export interface CutNetwork {
  trunk: Trunk;
  /** The stage after the cut, with its name in files, which region heads use; none if the trunk has all stages. */
  next: { name: string; stage: Module } | undefined;
}

/**
 * Cuts a network after a stage. Its modules become the trunk's; those that are of no use are disposed.
 *
 * @param through the last stage of the trunk. Default: all
 * @throws OPTION_INVALID if it is no network of stages, or has no such stage
 */
export function cutNetwork(network: Network, through?: string): CutNetwork {
  if (network instanceof Vgg) return cutVgg(network);
  if (!(network instanceof ResNet) || Object.keys(network.final).length > 0) {
    throw new ResnetError(
      'OPTION_INVALID',
      `A detector needs a residual network, a plain one or VGG as its backbone, found ${network.architecture.name}.`,
    );
  }
  const stages = network.stages.map((stage, index) => [`layer${index + 1}`, stage] as const);
  const last = through === undefined ? stages.length - 1 : stages.findIndex(([name]) => name === through);
  if (last < 0) {
    const names = stages.map(([name]) => name).join(', ');
    throw new ResnetError(
      'OPTION_INVALID',
      `${network.architecture.name} has the stages ${names}; found '${through}'.`,
    );
  }
  network.fc.dispose();
  for (const [, stage] of stages.slice(last + 2)) stage.dispose();
  const kept = stages.slice(0, last + 1);
  const trunk = new Trunk(
    { ...network.stem, ...Object.fromEntries(kept) },
    new Map<string, readonly Module[]>([
      ['stem', Object.values(network.stem)],
      ...kept.map(([name, stage]) => [name, [stage]] as const),
    ]),
  );
  const next = stages[last + 1];
  return { trunk, next: next && { name: next[0], stage: next[1] } };
}

/** VGG up to its last convolution, at a stride of 16; the fully connected layers are the region head's, as in Fast R-CNN. */
function cutVgg(network: Vgg): CutNetwork {
  const parts = network.parts();
  const stages = [...parts].filter(([name]) => name.startsWith('stage'));
  const last = stages.at(-1)![1];
  if (last.at(-1) instanceof MaxPool) stages[stages.length - 1] = [stages.at(-1)![0], last.slice(0, -1)];
  const { 0: hidden1, 1: pool, 3: hidden2 } = network.classifier.modules;
  network.fc.dispose();
  return {
    trunk: new Trunk({ features: network.features }, new Map(stages)),
    next: { name: 'classifier', stage: new Sequential({ 0: hidden1!, 1: pool!, 3: hidden2! }) },
  };
}
