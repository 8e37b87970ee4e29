import * as tf from '@tensorflow/tfjs-core';

/** Named tensors that go into an operation; those that are undefined are left out. */
type Inputs = Record<string, tf.Tensor | undefined>;

interface OperationConfig<Attributes> {
  /** The kernel's name. A backend that registers a kernel of this name has it run instead of `forward`. */
  name: string;
  /** The portable body, in operations of tfjs-core. What it makes besides the result is disposed for it. */
  forward(inputs: Record<string, tf.Tensor>, attributes: Attributes): tf.Tensor | tf.Tensor[];
  /** The inputs, by name, and the outputs, by place, that `gradient` needs, in this order. */
  saved?: { inputs: string[]; outputs: number[] };
  /** For each input the function that computes its gradient; only those that are needed are called. */
  gradient?(dy: tf.Tensor, saved: tf.Tensor[], attributes: Attributes): Record<string, () => tf.Tensor>;
}

/**
 * An operation as a real tfjs kernel with a gradient: it is recorded on the tape as one node, a backend can
 * replace its body, and gradients that nobody asked for are not computed.
 *
 * Its gradient is for those alone who call it, so bundlers may leave out one that nobody calls.
 *
 * @__NO_SIDE_EFFECTS__
 */
export function defineOperation<Attributes extends object>(config: OperationConfig<Attributes>) {
  const { name, forward, gradient, saved } = config;
  if (gradient) {
    const outputs = saved?.outputs ?? [];
    tf.registerGradient({
      kernelName: name,
      inputsToSave: saved?.inputs ?? [],
      outputsToSave: Array.from({ length: Math.max(-1, ...outputs) + 1 }, (_, place) =>
        outputs.includes(place),
      ),
      gradFunc: (dy, saved, attributes) =>
        gradient(Array.isArray(dy) ? dy[0]! : dy, saved, attributes as Attributes) as ReturnType<tf.GradFunc>,
    });
  }
  const kernelFunc = ({ inputs, attrs }: { inputs: object; attrs?: object }) =>
    tf.tidy(() => forward(inputs as Record<string, tf.Tensor>, attrs as Attributes));

  return <T extends tf.Tensor | tf.Tensor[]>(inputs: Inputs, attributes: Attributes): T => {
    const backendName = tf.getBackend();
    if (tf.getKernel(name, backendName) == null) {
      tf.registerKernel({
        kernelName: name,
        backendName,
        kernelFunc: kernelFunc as unknown as tf.KernelFunc,
      });
    }
    const given = Object.fromEntries(Object.entries(inputs).filter(([, tensor]) => tensor !== undefined));
    return tf.engine().runKernel(name, given as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as T;
  };
}
