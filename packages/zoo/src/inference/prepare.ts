import { unknownName } from '@resnet/core';
import type { Int8Network } from '../int8/int8-network.js';
import { Network } from '../networks/network.js';
import { type OnnxRuntime, runOnOnnxRuntime } from '../onnx/onnxruntime.js';
import type { Classifier } from './classifier.js';
import { fuse } from './fused-network.js';

export const ENGINES = ['tfjs', 'onnxruntime'] as const;

/** The engine: this project's kernels on the current backend, or ONNX Runtime. */
export type Engine = (typeof ENGINES)[number];

export interface PrepareOptions {
  /** Default 'tfjs'. */
  engine?: Engine;
  /** The module of ONNX Runtime; Node finds an installed one itself. */
  runtime?: OnnxRuntime;
}

/**
 * Makes a network ready for inference alone, as fast as an engine can. The weights are copied; the network may be disposed. But a
 * quantized network is ready as it is, and is returned itself, unless it is for ONNX Runtime.
 *
 * @returns for `predict` and `evaluate`; owns its memory until `dispose()`
 * @throws UNKNOWN_NAME for an unknown engine; ENGINE_MISSING; ENGINE_FAILED
 */
export async function prepare(
  network: Network | Int8Network,
  options: PrepareOptions = {},
): Promise<Classifier> {
  const { engine = 'tfjs', runtime } = options;
  if (!ENGINES.includes(engine)) throw unknownName('engine', engine, ENGINES);
  if (engine === 'onnxruntime') return runOnOnnxRuntime(network, runtime);
  return network instanceof Network ? fuse(network) : network;
}
