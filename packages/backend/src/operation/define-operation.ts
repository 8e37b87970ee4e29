import type { Attributes, CallInputs, CallOutputs, ContractName, OutputAt } from '@resnet/kernels/contracts';
import * as tf from '@tensorflow/tfjs-core';
import { call } from './call.js';
import { beginGradients, freeAfterAddition } from './gradient-lifetime.js';

type InputName<Name extends ContractName> = keyof CallInputs<Name> & string;

/** What the portable body returns: the types of tfjs's functions often lose the number of axes. */
type Results<Outputs> = Outputs extends tf.Tensor
  ? tf.Tensor
  : { [Index in keyof Outputs]: Outputs[Index] extends tf.Tensor | undefined ? tf.Tensor : never };

type Saved<
  Name extends ContractName,
  Inputs extends readonly InputName<Name>[],
  Outputs extends readonly number[],
> = [
  ...{ -readonly [Index in keyof Inputs]: CallInputs<Name>[Inputs[Index]] },
  ...{ -readonly [Index in keyof Outputs]: OutputAt<Name, Outputs[Index]> },
];

interface OperationConfig<
  Name extends ContractName,
  Inputs extends readonly InputName<Name>[],
  Outputs extends readonly number[],
> {
  /** The portable body, in operations of tfjs-core. It runs within `tf.tidy`. */
  forward(inputs: CallInputs<Name>, attributes: Attributes<Name>): Results<CallOutputs<Name>>;
  /** The inputs, by name, and the outputs, by index, that `gradient` needs, in this order. */
  saved?: { inputs: Inputs; outputs: Outputs };
  /** For each input a function that computes its gradient; called only if that is needed. */
  gradient?(
    dy: OutputAt<Name, 0>,
    saved: Saved<Name, Inputs, Outputs>,
    attributes: Attributes<Name>,
  ): { [Input in InputName<Name>]?: () => tf.Tensor };
}

/**
 * An operation as a tfjs kernel with a gradient: the tape records it as one node, a backend can
 * replace its body, and only the gradients that are asked for are computed.
 *
 * Bundlers may leave out an operation that nobody calls.
 *
 * @param name the kernel's; its contract is in @resnet/kernels. A backend that registers a kernel of this name has it run
 *   instead of `forward`
 *
 * @__NO_SIDE_EFFECTS__
 */
export function defineOperation<
  Name extends ContractName,
  const Inputs extends readonly InputName<Name>[] = readonly [],
  const Outputs extends readonly number[] = readonly [],
>(name: Name, config: OperationConfig<Name, Inputs, Outputs>) {
  const { forward, gradient, saved } = config;
  /** Of a call, by its attributes: the tensors that went in, by their ids. */
  const inputsOf = new WeakMap<object, Record<string, number>>();
  if (gradient) {
    const outputs: readonly number[] = saved?.outputs ?? [];
    tf.registerGradient({
      kernelName: name,
      inputsToSave: [...(saved?.inputs ?? [])],
      outputsToSave: Array.from({ length: Math.max(-1, ...outputs) + 1 }, (_, index) =>
        outputs.includes(index),
      ),
      gradFunc: (dy, saved, attributes) => {
        beginGradients(saved);
        const gradients = gradient(
          (Array.isArray(dy) ? dy[0]! : dy) as OutputAt<Name, 0>,
          saved as Saved<Name, Inputs, Outputs>,
          attributes as Attributes<Name>,
        ) as ReturnType<tf.GradFunc>;
        const inputs = inputsOf.get(attributes)!;
        return Object.fromEntries(
          Object.entries(gradients).map(([input, compute]) => [
            input,
            () => {
              const result = compute();
              freeAfterAddition(result, inputs[input]!);
              return result;
            },
          ]),
        );
      },
    });
  }
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs }) =>
    tf.tidy(() => forward(inputs as CallInputs<Name>, attrs as Attributes<Name>) as tf.Tensor | tf.Tensor[]);

  /** Inputs that are undefined are left out. */
  return (inputs: CallInputs<Name>, attributes: Attributes<Name>): CallOutputs<Name> => {
    const backendName = tf.getBackend();
    if (tf.getKernel(name, backendName) == null) {
      tf.registerKernel({ kernelName: name, backendName, kernelFunc });
    }
    const given = Object.entries(inputs).filter(
      (entry): entry is [string, tf.Tensor] => entry[1] !== undefined,
    );
    // Its own object, by which the gradient knows the call.
    const own = { ...attributes };
    inputsOf.set(own, Object.fromEntries(given.map(([input, { id }]) => [input, id])));
    return call(name, Object.fromEntries(given) as CallInputs<Name>, own);
  };
}
