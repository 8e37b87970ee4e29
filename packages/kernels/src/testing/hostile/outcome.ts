import * as tf from '@tensorflow/tfjs-core';
import { uniformValues } from '../random.js';
import { sizeOf } from '../tensors.js';
import { oracle } from './oracle.js';
import type { HostileCall, Spec } from './plausible/call.js';

/** How far from `cpu` a value may be, relative to the largest: a mistake is far, a rounding of Winograd's is not. */
const TOLERANCE = 1e-4;

interface Result {
  shape: number[];
  dtype: string;
  values: Float32Array | Int32Array | Uint8Array;
}

export type Outcome = { values: Result[]; error?: undefined } | { error: string; code?: string };

/** Runs a call on the current backend. */
export function run(call: HostileCall): Outcome {
  return outcomeOf(call, (inputs) =>
    tf.engine().runKernel(call.kernel, inputs as never, call.attributes as never),
  );
}

/** What a call should give, by the plain `cpu` backend, which must be the current one. */
export function expected(call: HostileCall): Outcome {
  return outcomeOf(call, (inputs) => oracle(call, inputs));
}

function outcomeOf(call: HostileCall, work: (inputs: Record<string, tf.Tensor>) => unknown): Outcome {
  const values: Result[] = [];
  try {
    tf.tidy(() => {
      const inputs: Record<string, tf.Tensor> = {};
      let seed = call.seed;
      for (const [name, spec] of Object.entries(call.inputs)) inputs[name] = tensorOf(spec, seed++);
      if (call.kernel === 'MaxPoolGrad')
        inputs.output = pooled(call, inputs as { input: tf.Tensor; output: tf.Tensor });
      for (const output of [work(inputs)].flat() as tf.Tensor[]) {
        values.push({
          shape: output.shape,
          dtype: output.dtype,
          values: output.dataSync().slice() as Float32Array,
        });
      }
      seed = call.seed;
      for (const [name, spec] of Object.entries(call.inputs)) {
        if (call.kernel === 'SgdUpdate' || name === 'output') break;
        const now = inputs[name]!.dataSync();
        const then = valuesOf(spec, seed++);
        if (![...then].every((value, index) => Object.is(now[index], value)))
          throw new Error(`CHANGED INPUT ${name}`);
      }
    });
    return { values };
  } catch (error) {
    const { message, code } = error as { message: string; code?: string };
    return { error: message, ...(code ? { code } : {}) };
  }
}

/** What a pool's gradient is given besides: the pool's own output, where there is one. */
function pooled(
  { attributes }: HostileCall,
  { input, output }: { input: tf.Tensor; output: tf.Tensor },
): tf.Tensor {
  try {
    const y = tf.engine().runKernel('MaxPool', { x: input }, attributes as never) as tf.Tensor;
    return `${y.shape}` === `${output.shape}` ? y : output;
  } catch {
    return output;
  }
}

function tensorOf(spec: Spec, seed: number): tf.Tensor {
  return tf.tensor(valuesOf(spec, seed), spec.shape, spec.dtype);
}

function valuesOf({ shape, dtype, below }: Spec, seed: number): Float32Array | Int32Array | Uint8Array {
  const uniform = uniformValues(seed);
  const make = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype];
  const from = make.from.bind(make) as (like: { length: number }, value: () => number) => Float32Array;
  return from({ length: sizeOf(shape) }, () => {
    if (dtype === 'bool') return Number(uniform() > 0.5);
    if (below && below < 0) return Math.floor(12 * uniform()) - 4;
    if (below) return Math.floor(below * uniform()) + Number(dtype === 'float32');
    const value = Math.round(14 * uniform() - 7) / 2;
    return dtype === 'int32' ? Math.trunc(value) : value;
  });
}

/** What `cpu` refuses and this package's kernels compute; their own tests compare that with a reference. */
const ONLY_OURS =
  /Unknown dataFormat undefined|Either strides or dilations must be 1|depth must be >=2|must be float32 tensor, but got int32|slice\(\) does not support/;

export type Verdict = 'computed' | 'computed here only' | 'refused' | 'refused here only' | 'wrong';

/** 'wrong' is an answer other than that of `cpu`, and an error without a code or of a kernel that failed. */
export function compare(ours: Outcome, cpu: Outcome): Verdict {
  if (ours.error !== undefined) {
    if (ours.code !== 'INPUT_INVALID' && ours.code !== 'OUT_OF_MEMORY') return 'wrong';
    return cpu.error !== undefined ? 'refused' : 'refused here only';
  }
  if (cpu.error !== undefined) return ONLY_OURS.test(cpu.error) ? 'computed here only' : 'wrong';
  const areSame = ours.values.length === cpu.values.length;
  return areSame && ours.values.every((result, index) => isSame(result, cpu.values[index]!))
    ? 'computed'
    : 'wrong';
}

function isSame({ shape, dtype, values }: Result, other: Result): boolean {
  if (`${shape}` !== `${other.shape}` || dtype !== other.dtype) return false;
  let largest = 1;
  for (const value of other.values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  for (let index = 0; index < values.length; index++) {
    const [a, b] = [values[index]!, other.values[index]!];
    if (!Object.is(a, b) && a !== b && !(Math.abs(a - b) <= TOLERANCE * largest)) return false;
  }
  return true;
}

export function title({ kernel, inputs, attributes }: HostileCall): string {
  const tensors = Object.entries(inputs).map(
    ([name, { shape, dtype, below }]) =>
      `${name} ${dtype} [${shape}]${below === undefined ? '' : ` <${below}`}`,
  );
  return `${kernel} ${tensors.join(', ')} ${JSON.stringify(attributes, (_, value) => (Number.isNaN(value) ? 'NaN' : value === undefined ? 'undefined' : value))}`;
}
