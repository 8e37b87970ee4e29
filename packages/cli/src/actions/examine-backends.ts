import { BACKEND_NAMES, type BackendName, ResnetError, type useBackend } from '@resnet/backend';

/** Whether a backend starts here, what it runs on, or why it does not and what to do. */
export type BackendReport =
  | { name: BackendName; works: true; device: string; threads: number; features: readonly string[] }
  | { name: BackendName; works: false; code: string | null; reason: string; advice: string };

/** Starts each backend in turn and ends it again. */
export async function examineBackends(start: typeof useBackend): Promise<BackendReport[]> {
  const reports: BackendReport[] = [];
  for (const name of BACKEND_NAMES) {
    try {
      const backend = await start(name);
      const { device, threads, features } = backend;
      backend.dispose();
      reports.push({ name, works: true, device, threads, features });
    } catch (error) {
      const code = ResnetError.is(error) ? error.code : null;
      const reason = error instanceof Error ? error.message : String(error);
      reports.push({ name, works: false, code, reason, advice: adviceFor(name, code) });
    }
  }
  return reports;
}

function adviceFor(name: BackendName, code: string | null): string {
  if (code === 'BACKEND_MISSING') return `npm install @tensorflow/tfjs-backend-${name}`;
  return name === 'wasm'
    ? 'Try --threads 1; --backend cpu works without WebAssembly.'
    : 'Install @tensorflow/tfjs-backend-cpu again.';
}
