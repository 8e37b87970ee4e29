import { ResnetError } from '@resnet/core';

/**
 * Refuses networks whose numbers stand for different classes: their scores can't be averaged.
 *
 * @param networks with the number that each has for each class of the data
 * @throws OPTION_INVALID
 */
export function checkClassOrder([first, ...others]: readonly {
  /** For the message. */
  weights: string;
  numbers: readonly number[];
}[]): void {
  for (const { weights, numbers } of others) {
    const index = numbers.findIndex((number, index) => number !== first!.numbers[index]);
    if (index < 0) continue;
    const [here, there] = [first!.numbers[index], numbers[index]];
    throw new ResnetError(
      'OPTION_INVALID',
      `All networks of an ensemble must have their classes in one order, but a class of the data is number ${here} of ` +
        `${first!.weights} and number ${there} of ${weights}. Test them one by one.`,
    );
  }
}
