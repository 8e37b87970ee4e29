import { ResnetError } from '@resnet/core';
import type { TensorInfo } from '@tensorflow/tfjs-core';

/** A kernel throws this for inputs that it does not take. The caller adds the kernel's name and its inputs. */
export class Refusal {
  constructor(readonly reason: string) {}
}

/** @throws Refusal */
export function check(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Refusal(reason);
}

/** The error of a kernel for inputs that it does not take. */
export function refused(kernelName: string, inputs: object, attributes: object, reason: string): ResnetError {
  const tensors = Object.entries(inputs as Record<string, TensorInfo | undefined>).map(([name, tensor]) =>
    tensor ? `${name} ${tensor.dtype} [${tensor.shape}]` : `no ${name}`,
  );
  const given = [tensors.join(', '), shortened(JSON.stringify(attributes))]
    .filter((text) => text && text !== '{}')
    .join(' with ');
  const message = `The kernel '${kernelName}' does not take ${given || 'nothing'}: ${reason}`;
  return new ResnetError('INPUT_INVALID', message.slice(0, 2000));
}

/** Attributes may be lists of thousands of numbers; the reason comes after them. */
function shortened(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
