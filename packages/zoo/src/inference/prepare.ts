import { unknownName } from '@resnet/core';
import type { Network } from '../networks/network.js';
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
 * Makes a network ready for inference alone, as fast as an engine can. The weights are copied; the network may be disposed.
 *
 * @returns for `predict` and `evaluate`; owns its memory until `dispose()`
 * @throws UNKNOWN_NAME for an unknown engine; ENGINE_MISSING; ENGINE_FAILED
 */
export async function prepare(network: Network, options: PrepareOptions = {}): Promise<Classifier> {
  const { engine = 'tfjs', runtime } = options;
  if (!ENGINES.includes(engine)) throw unknownName('engine', engine, ENGINES);
  return engine === 'onnxruntime' ? runOnOnnxRuntime(network, runtime) : fuse(network);
}
