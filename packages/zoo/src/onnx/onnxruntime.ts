import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from '../inference/classifier.js';
import type { Int8Network } from '../int8/int8-network.js';
import { type Architecture, Network } from '../networks/network.js';
import { exportOnnx } from './export.js';
import { exportInt8Onnx } from './export-int8.js';

/** The part of `onnxruntime-node` and `onnxruntime-web` that is used here. */
export interface OnnxRuntime {
  InferenceSession: { create(file: Uint8Array, options?: object): Promise<OnnxSession> };
  Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => object;
}

interface OnnxSession {
  run(feeds: Record<string, object>): Promise<Record<string, { data: unknown }>>;
  release(): Promise<void>;
}

/** A network that ONNX Runtime runs. */
class OnnxClassifier implements Classifier {
  readonly architecture: Architecture;
  readonly inputShape: readonly [number, number, number];
  readonly #runtime: OnnxRuntime;
  readonly #session: OnnxSession;

  constructor(
    network: Pick<Classifier, 'architecture' | 'inputShape'>,
    runtime: OnnxRuntime,
    session: OnnxSession,
  ) {
    this.architecture = network.architecture;
    this.inputShape = network.inputShape;
    this.#runtime = runtime;
    this.#session = session;
  }

  async infer(x: tf.Tensor4D): Promise<tf.Tensor2D> {
    const transposed = tf.tidy(() => tf.transpose(x, [0, 3, 1, 2]));
    const values = (await transposed.data()) as Float32Array;
    const images = new this.#runtime.Tensor('float32', values, transposed.shape);
    transposed.dispose();
    const { logits } = await this.#session.run({ images });
    return tf.tensor2d(logits!.data as Float32Array, [x.shape[0], this.architecture.classes]);
  }

  dispose(): void {
    void this.#session.release();
  }
}

/**
 * The network on ONNX Runtime, by way of `exportOnnx` or `exportInt8Onnx`. The weights are copied at the call; the network may be disposed.
 *
 * @param runtime the module to use; without it `onnxruntime-node`, or else `onnxruntime-web`, is imported, which Node can
 * @throws ENGINE_MISSING if neither is installed; ENGINE_FAILED if it does not take the model
 */
export async function runOnOnnxRuntime(
  network: Network | Int8Network,
  runtime?: OnnxRuntime,
): Promise<Classifier> {
  const present = runtime ?? (await installedRuntime());
  try {
    const session = await present.InferenceSession.create(await fileOf(network));
    return new OnnxClassifier(network, present, session);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ResnetError('ENGINE_FAILED', `ONNX Runtime did not take the model: ${reason}`, { cause });
  }
}

function fileOf(network: Network | Int8Network): Promise<Uint8Array> {
  return network instanceof Network ? exportOnnx({ network }) : exportInt8Onnx({ network });
}

async function installedRuntime(): Promise<OnnxRuntime> {
  const reasons: string[] = [];
  // Names in variables, so that bundlers don't ask for packages that need not be there.
  for (const name of ['onnxruntime-node', 'onnxruntime-web']) {
    try {
      const loaded = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
      return loaded.InferenceSession ? loaded : loaded.default;
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
    }
  }
  const message = `ONNX Runtime could not be loaded (${reasons.join('; ')}). Install onnxruntime-node, or give the module of onnxruntime-web as 'runtime', as pages have to.`;
  throw new ResnetError('ENGINE_MISSING', message);
}
