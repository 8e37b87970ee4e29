import { ResnetError } from '@resnet/core';
import {
  type ClassMatch,
  type Dataset,
  type ImageSet,
  matchClasses,
  type StreamedDataset,
} from '@resnet/data';
import type { Network } from '@resnet/zoo';

type Data = ImageSet | Dataset | StreamedDataset;

/**
 * Checks that a network has an output for each class of the training data, that the training data has all classes of the test
 * data, and that both have the network's channels. The channels of a set that is read as it goes are not known yet.
 *
 * @returns the number in `train` of each class of the test data, by their names
 * @throws SHAPE_MISMATCH; DATA_INVALID naming the classes of the test data that the training data lacks
 */
export function checkFits(network: Network, train: Data, test?: Data): number[] | undefined {
  checkSizes(network, train);
  if (!test) return undefined;
  const { indices } = matchTestClasses(train, test);
  checkSizes(network, test);
  return indices;
}

/**
 * Finds the classes of test data among those of the training data, by their names.
 *
 * @throws DATA_INVALID naming those that are not among them
 */
export function matchTestClasses(
  train: Pick<Data, 'name' | 'classes'>,
  test: Pick<Data, 'name' | 'classes'>,
): ClassMatch {
  const of = `the training set '${train.name}'`;
  return matchClasses(`'${test.name}'`, test.classes, { of, names: train.classes });
}

function checkSizes(network: Network, data: Data): void {
  const { name, classes, inChannels } = network.architecture;
  const channels = 'channels' in data ? data.channels : undefined;
  if (data.classes.length <= classes && (channels ?? inChannels) === inChannels) return;
  const found = `${data.classes.length} classes${channels === undefined ? '' : ` in ${channels} channels`}`;
  throw new ResnetError(
    'SHAPE_MISMATCH',
    `${name} tells ${classes} classes apart in images of ${inChannels} channels; '${data.name}' has ${found}. ` +
      'Make a network for this data, or give other data.',
  );
}
