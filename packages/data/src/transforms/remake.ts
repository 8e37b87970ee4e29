import { ResnetError, unknownName } from '@resnet/core';
import { randAugment, trivialAugment } from './automatic.js';
import { colorJitter, grayscale } from './color.js';
import { colorShift } from './color-shift.js';
import { centerCrop, padAndCrop, randomCrop } from './crop.js';
import { horizontalFlip } from './flip.js';
import { cutmix, mixup, oneOf } from './mixing.js';
import { randomErasing } from './random-erasing.js';
import { randomResizedCrop, randomScaledCrop, resizeShorterSide, scaledCenterCrop } from './resize.js';
import { compose, type Origin, type Transform } from './transform.js';

type Maker = (...options: unknown[]) => unknown;

// No function is called here, so that bundlers can leave out unused transforms.
const makers = {
  centerCrop,
  colorJitter,
  colorShift,
  compose,
  cutmix,
  grayscale,
  horizontalFlip,
  mixup,
  oneOf,
  padAndCrop,
  randAugment,
  randomCrop,
  randomErasing,
  randomResizedCrop,
  randomScaledCrop,
  resizeShorterSide,
  scaledCenterCrop,
  trivialAugment,
} as Record<string, unknown> as Record<string, Maker>;

/** An option as it is sent to a worker: plain data, or how a transform was made. Data can't be mistaken for the latter. */
type SentOption = { data: unknown } | { made: SentOrigin };

/** An origin as it is sent to a worker. */
export interface SentOrigin extends Omit<Origin, 'options'> {
  options: readonly SentOption[];
}

/**
 * How a transform was made, in a form that can be sent to a worker.
 *
 * @param what it is, for the message: 'transform'
 * @throws OPTION_INVALID if it, or one that it is composed of, is a custom function
 */
export function originOf(what: string, made: { readonly origin?: Origin }): SentOrigin {
  const { origin } = made;
  if (!origin) {
    throw new ResnetError(
      'OPTION_INVALID',
      `With workers, the ${what} must be one of @resnet/data's, composed of them, or come from a module of your ` +
        `own by importTransform(url, name), as functions can't be sent to workers; found a function` +
        `${'name' in made && made.name ? ` '${made.name}'` : ''}. Or give workers: 0.`,
    );
  }
  const options = origin.options.map(
    (option): SentOption =>
      typeof option === 'function'
        ? { made: originOf(what, option as { origin?: Origin }) }
        : { data: option },
  );
  try {
    return structuredClone({ ...origin, options });
  } catch (cause) {
    throw new ResnetError(
      'OPTION_INVALID',
      `With workers, the options of ${origin.maker} must be plain data: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Makes a transform again, in a worker, from the result of `originOf`. */
export async function remake(origin: SentOrigin): Promise<unknown> {
  const { maker, options, module } = origin;
  const make = module === undefined ? makers[maker] : await importMaker(module, maker);
  if (!make) throw unknownName('transform', maker, Object.keys(makers));
  return make(
    ...(await Promise.all(options.map((option) => ('made' in option ? remake(option.made) : option.data)))),
  );
}

/**
 * A custom transform that workers can make too: the module's function is called here and in each worker.
 *
 * @param module the URL of a JavaScript module: `new URL('./my-transforms.js', import.meta.url)`
 * @param name of a function that it exports, which takes `options` and returns a transform
 * @param options plain data
 * @throws OPTION_INVALID if the module can't be loaded or exports no such function
 */
export async function importTransform(
  module: string | URL,
  name: string,
  ...options: unknown[]
): Promise<Transform> {
  const url = String(module);
  const transform = (await importMaker(url, name))(...options) as Transform;
  return Object.assign((...given: Parameters<Transform>) => transform(...given), {
    origin: { maker: name, options, module: url },
  });
}

async function importMaker(module: string, name: string): Promise<Maker> {
  let cause: unknown;
  try {
    const maker = (await import(/* @vite-ignore */ /* webpackIgnore: true */ module))[name];
    if (typeof maker === 'function') return maker;
  } catch (error) {
    cause = error;
  }
  const found = cause === undefined ? 'none' : (cause as Error).message;
  throw new ResnetError(
    'OPTION_INVALID',
    `The module '${module}' must export a function '${name}', found ${found}.`,
    { cause },
  );
}
