import { type BackendName, useBackend } from '@resnet/backend';
import plain from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url';
import threadedSimd from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm?url';
import { closeNetwork, openNetwork, session } from '../session.js';

/** Of tfjs's files it takes the one that suits the machine, and wants to know their folder. */
const [wasmPaths] = [plain, simd, threadedSimd].map(
  (file) => new URL('.', new URL(file, location.href)).href,
) as [string, string, string];

/** What computes, for the page. */
export interface BackendReport {
  name: BackendName;
  threads: number;
  /** 'simd', 'relaxed-simd', 'threads', 'winograd'. */
  features: readonly string[];
  /** Whether threads may share memory here. */
  isIsolated: boolean;
}

/** Starts a backend in the place of the one that runs; if that fails, that one stays. The network moves over. */
export async function startBackend({ name }: { name: BackendName }): Promise<BackendReport> {
  const previous = session.backend;
  if (previous?.name !== name) {
    session.backend = await useBackend(name, { wasmPaths });
    const { network } = session;
    closeNetwork();
    previous?.dispose();
    if (network) await openNetwork(network.file, network.normalization);
  }
  const { threads, features } = session.backend!;
  return { name, threads, features, isIsolated: crossOriginIsolated };
}
