import { ResnetError } from '@resnet/core';
import type { Normalization } from '@resnet/data';
import { checkNormalization, type Model, type ModelNetwork } from '@resnet/zoo';

export interface NormalizationOptions {
  mean?: number[];
  std?: number[];
}

/**
 * The normalization of a model's images: that of the options, or else that of its weights.
 *
 * @returns `text`: the numbers, for people
 * @throws OPTION_INVALID if neither says, or the options don't fit the model; SHAPE_MISMATCH if what the weights say doesn't
 */
export function chosenNormalization(
  { network, normalization, origin }: Model<ModelNetwork>,
  { mean, std }: NormalizationOptions,
): { normalization: Normalization; text: string } {
  const { inChannels } = network.architecture;
  if (mean === undefined && std === undefined) {
    if (normalization !== undefined) {
      checkNormalization(network, normalization);
      return { normalization, text: `${describe(normalization)}, by ${origin.normalization}` };
    }
    throw new ResnetError(
      'OPTION_INVALID',
      `The weights don't tell how images are normalized. Pass --mean ${letters(inChannels)} --std ${letters(inChannels)}, ` +
        'one number a channel for pixels from 0 to 1, as the network was trained with.',
    );
  }
  if (mean === undefined || std === undefined) {
    throw new ResnetError('OPTION_INVALID', '--mean and --std belong together: give both or neither.');
  }
  for (const [option, values] of Object.entries({ mean, std })) {
    if (values.length !== inChannels) {
      throw new ResnetError(
        'OPTION_INVALID',
        `--${option} must have as many numbers as the network's images have channels, ${inChannels}, found ${values.length}.`,
      );
    }
  }
  if (std.includes(0)) throw new ResnetError('OPTION_INVALID', '--std must be above 0 in every channel.');
  const given = { mean: Float32Array.from(mean), std: Float32Array.from(std) };
  return { normalization: given, text: `${describe(given)}, as --mean and --std say` };
}

function describe({ mean, std }: Normalization): string {
  // Six digits are what float32 holds.
  const list = (values: Float32Array) =>
    Array.from(values, (value) => Number(value.toPrecision(6))).join(', ');
  const means = mean.length === std.length ? `mean ${list(mean)}` : 'a mean for each pixel';
  return `${means}; standard deviation ${list(std)}`;
}

/** Letters for the numbers of the channels: 'a,b,c'. */
function letters(count: number): string {
  return Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index)).join(',');
}
