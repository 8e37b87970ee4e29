import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { type FoundGpu, noAdapter, noGpu } from '../backends/no-gpu.js';
import { requireInNode } from './require-in-node.js';

const MOST_SECONDS = 20;

/**
 * Looks for a GPU in a child process: where there is none, the package `webgpu` prints why to stderr, and drivers print messages,
 * hang or crash.
 *
 * @param flags for the package
 * @returns undefined where no such process can be started
 * @throws BACKEND_FAILED if there is none
 */
export async function lookForGpu(flags: string[]): Promise<FoundGpu | undefined> {
  // A single-file executable would start itself.
  if (!/^node(js)?[\d.]*(\.exe)?$/i.test(basename(process.execPath))) return undefined;
  const { error, stdout, stderr } = await runInNode(program(requireInNode.resolve('webgpu'), flags));
  if (stdout !== '') {
    const { gpu, reason }: { gpu?: FoundGpu | null; reason?: string } = JSON.parse(stdout);
    if (gpu) return gpu;
    throw reason === undefined ? noAdapter(/^(?:Warning: )?(.+)/.exec(stderr)?.[1]) : noGpu(reason);
  }
  if (error?.killed) throw noGpu(`no answer within ${MOST_SECONDS} seconds.`);
  if (error?.signal) throw noGpu(`its driver crashes (${error.signal}).`);
  return undefined;
}

/** Prints the GPU, or the error's message. */
function program(webgpu: string, flags: string[]): string {
  return `import(require('node:url').pathToFileURL(${JSON.stringify(webgpu)}))
    .then(({ create }) => create(${JSON.stringify(flags)}).requestAdapter({ powerPreference: 'high-performance' }))
    .then((adapter) => adapter && (({ info }) => ({ name: info.description || info.vendor, isSoftware: info.isFallbackAdapter }))(adapter))
    .then((gpu) => ({ gpu }), ({ message }) => ({ reason: message }))
    .then((result) => process.stdout.write(JSON.stringify(result), () => process.exit()));`;
}

interface Outcome {
  error: { killed?: boolean; signal?: string } | null;
  stdout: string;
  stderr: string;
}

function runInNode(program: string): Promise<Outcome> {
  // Options of this process, such as a debugger, are not passed on.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = {
    env,
    timeout: 1000 * MOST_SECONDS,
    killSignal: 'SIGKILL',
    windowsHide: true,
  } as const;
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', program], options, (error, stdout, stderr) =>
      resolve({ error: error as Outcome['error'], stdout, stderr }),
    );
  });
}
