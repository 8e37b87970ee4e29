import type { StateDict } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import { nearestNetwork } from '../weights/nearest.js';
import { outline } from './build.js';

/** The error for weights that are not of the network that they are taken for. @param cause that of `checkStateDict` */
export function notOf(name: string, tensors: StateDict, cause: unknown): unknown {
  if (!ResnetError.is(cause)) return cause;
  return mismatch(`The weights are not those of ${name}.${differences(cause)}`, tensors, cause);
}

/** The error for weights of no network of this project: with the nearest, and what differs first. */
export function ofNoNetwork(tensors: StateDict, metadata: Record<string, string>): ResnetError {
  if (tensors.size === 0) {
    const keys = Object.keys(metadata).slice(0, 8).map(quote).join(', ');
    return mismatch(
      `The weights have no tensors, only ${keys === '' ? 'a header' : `the metadata ${keys}`}.`,
    );
  }
  const nearest = nearestNetwork(tensors);
  const problem = `No network of this project has these ${tensors.size} tensors`;
  if (nearest === undefined) {
    const shown = [...tensors].slice(0, 3).map(([name, { shape }]) => `${quote(name)} [${shape.join(', ')}]`);
    return mismatch(`${problem}, and none is near: ${shown.join(', ')}, …`);
  }
  const { name, ...architecture } = nearest;
  try {
    outline(name, architecture, tensors).checkStateDict(tensors);
  } catch (cause) {
    if (!ResnetError.is(cause) || cause.code !== 'WEIGHTS_MISMATCH') throw cause;
    return mismatch(
      `${problem}. The nearest is ${name}, from which they differ:${differences(cause)}`,
      tensors,
      cause,
    );
  }
  return mismatch(`${problem}. Name the network: they fit ${name}.`);
}

/** The lines of `checkStateDict`, without its first. */
function differences({ message }: ResnetError): string {
  const end = message.indexOf('\n');
  return end === -1 ? ` ${message}` : message.slice(end);
}

function mismatch(message: string, tensors: StateDict = new Map(), cause?: ResnetError): ResnetError {
  const hint = hintOf(tensors);
  return new ResnetError('WEIGHTS_MISMATCH', hint === '' ? message : `${message}\n${hint}`, { cause });
}

/** Advice for common kinds of weights. */
function hintOf(tensors: StateDict): string {
  if (!tensors.has('layer1.0.conv1.weight')) return '';
  if (tensors.has('fc.weight') && !tensors.has('fc.bias')) {
    const [classes] = tensors.get('fc.weight')!.shape;
    return `The last layer has no biases: add the tensor fc.bias with ${classes} zeros.`;
  }
  return tensors.has('fc.weight')
    ? ''
    : 'There is no last layer (fc): these weights give features, not classes.';
}
