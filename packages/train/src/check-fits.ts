import { ResnetError } from '@resnet/backend';
import type { Dataset, ImageSet, StreamedDataset } from '@resnet/data';
import type { Network } from '@resnet/zoo';

/**
 * Checks that a network has an output for each class of the data, and takes images of its channels. A set that is
 * read as it goes has no channels to look at.
 *
 * @throws SHAPE_MISMATCH
 */
export function checkFits(network: Network, data: ImageSet | Dataset | StreamedDataset): void {
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
