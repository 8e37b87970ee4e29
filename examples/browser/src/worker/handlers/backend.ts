import { type BackendName, useBackend } from '@resnet/backend';
import plain from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url';
import threadedSimd from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm?url';
import { BACKENDS, type BackendChoice } from '../../backends.js';
import { closeDetector, closeNetwork, openNetwork, replaceDetector, session } from '../session.js';

/** Of tfjs's files it takes the one that suits the machine. */
const wasmPaths = {
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': threadedSimd,
};

/** What computes, for the page. */
export interface BackendReport {
  name: BackendName;
  /** A readable line: the GPU, or the browser. */
  device: string;
  threads: number;
  /** Whether threads may share memory here. */
  isIsolated: boolean;
}

/** Replaces the running backend by another; if that fails, the running one stays. The network and the detector move to the new one. */
export async function startBackend({ choice }: { choice: BackendChoice }): Promise<BackendReport> {
  const { network, detector } = session;
  if (session.choice !== choice) {
    const { title: _, name, ...options } = BACKENDS[choice];
    const previous = session.backend;
    // What runs already would be taken as it is, with its threads.
    if (previous?.name === name) endBackend();
    const backend = await useBackend(name, { wasmPaths, ...options });
    if (session.backend) endBackend();
    Object.assign(session, { backend, choice });
    if (network) await openNetwork(network.file, network.normalization);
    if (detector) replaceDetector(detector.file);
  }
  const { name, device, threads } = session.backend!;
  return { name, device, threads, isIsolated: crossOriginIsolated };
}

function endBackend(): void {
  closeNetwork();
  closeDetector();
  session.backend!.dispose();
  delete session.backend;
  delete session.choice;
}
