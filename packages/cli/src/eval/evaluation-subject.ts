import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { defined, describeDifferences } from '@resnet/core';
import type { Averaging, EvaluationFile, Member } from '@resnet/eval';
import type { Images } from '../shared/data-sets/data-sets.js';
import { type ClassMap, describeClassMap } from '../shared/weights/class-map.js';
import { describeFile, fileDigest } from '../shared/weights/file-digest.js';
import type { RealLabels } from './real-labels.js';

/** What decides the results of an evaluation, in the same words on every machine. */
export async function subjectOf(
  networks: readonly {
    weights: string;
    file: string;
    architecture: { name: string };
    normalization: string;
    member: Member;
  }[],
  set: Images,
  options: {
    averaging: Averaging;
    classes: ClassMap;
    onlyClassesOfSet?: boolean;
    realLabels?: RealLabels;
  },
): Promise<Record<string, string>> {
  const { averaging, classes, onlyClassesOfSet, realLabels } = options;
  const names = networks.map(({ architecture }) => architecture.name);
  const classText = describeClassMap(classes);
  const described: [key: string, value: string][] = [];
  for (const [index, { weights, file, normalization }] of networks.entries()) {
    const key = (name: string) => (networks.length === 1 ? name : `${name} ${index + 1}`);
    described.push([key('weights'), await describeFile(weights, file)]);
    described.push([key('normalized by'), normalization]);
  }
  return {
    network: names.length === 1 ? names[0]! : `an ensemble of ${names.join(', ')}`,
    ...Object.fromEntries(described),
    data: basename(set.name),
    // The order of the images counts, as parts are indices in it. Shards have theirs in their names.
    ...defined({ labels: set.labels && digestOf(set.labels) }),
    view: networks[0]!.member.view!.name,
    average: `averaged as ${averaging === 'softmax' ? 'probabilities' : 'logits'}`,
    ...defined({ classes: classText }),
    ...(onlyClassesOfSet ? { scores: 'of the classes of the set only' } : {}),
    ...(realLabels
      ? { 'real labels': `by ${realLabels.by}; SHA-256 ${await fileDigest(realLabels.path)}` }
      : {}),
  };
}

type Evaluated = Pick<EvaluationFile, 'subject' | 'total'>;

/** The differences between two evaluations, one a line; `where` names the two in them. */
export function differencesOf(
  first: Evaluated,
  second: Evaluated,
  where: readonly [first: string, second: string],
): string[] {
  const entriesOf = ({ subject, total }: Evaluated) => ({ ...subject, images: String(total) });
  return describeDifferences(entriesOf(first), entriesOf(second), where);
}

function digestOf(labels: ArrayLike<number>): string {
  return createHash('sha256').update(Int32Array.from(labels)).digest('hex').slice(0, 16);
}
