import * as tf from '@tensorflow/tfjs-core';

/** A tensor at the time when a kernel took or gave it. */
export interface Recorded {
  /** The same for all tensors that share their data. */
  id: object;
  shape: number[];
  values: ArrayLike<number>;
}

/** One call of a kernel. */
export interface Call {
  kernel: string;
  inputs: Record<string, Recorded>;
  attributes: unknown;
  outputs: Recorded[];
}

/** Runs something on the current backend, and records the calls of the kernels with these names. */
export function recordCalls<T>(kernelNames: readonly string[], run: () => T): { result: T; calls: Call[] } {
  const calls: Call[] = [];
  const backendName = tf.getBackend();
  const replace = (kernel: tf.KernelConfig) => {
    tf.unregisterKernel(kernel.kernelName, backendName);
    tf.registerKernel(kernel);
  };
  const kernels = kernelNames.map((name) => tf.getKernel(name, backendName));
  for (const kernel of kernels) {
    replace({
      ...kernel,
      kernelFunc: (parameters) => {
        const outputs = kernel.kernelFunc(parameters);
        calls.push({
          kernel: kernel.kernelName,
          inputs: Object.fromEntries(
            Object.entries(parameters.inputs as tf.NamedTensorInfoMap).map(([name, info]) => [
              name,
              recorded(info!),
            ]),
          ),
          attributes: parameters.attrs,
          outputs: [outputs].flat().map(recorded),
        });
        return outputs;
      },
    });
  }
  try {
    return { result: run(), calls };
  } finally {
    kernels.forEach(replace);
  }
}

function recorded({ dataId, shape }: tf.TensorInfo): Recorded {
  const backend = tf.backend() as unknown as { readSync(id: object): Float32Array | Int32Array };
  return { id: dataId, shape, values: backend.readSync(dataId).slice() };
}
