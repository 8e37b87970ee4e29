import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import jasmineCore, { type Outcome, type Suite } from 'jasmine-core';
import { testFiles } from './files.js';

/** What became of one of tfjs's tests. Its id is the same in every run. */
export interface Result {
  id: string;
  file: string;
  fullName: string;
  status: Outcome['status'];
  message: string;
}

export interface RunOptions {
  /** Called after every test, so that something is known of a run that gets stuck. */
  onResult?: (result: Result) => void;
  /** Runs only the tests that have this in their names. */
  filter?: string;
}

/** Runs tfjs's own tests on the WASM backend that `start` starts. */
export async function runSuite(start: () => Promise<unknown>, options: RunOptions = {}): Promise<Result[]> {
  const { onResult, filter = '' } = options;
  await start();
  const backend = tf.backend() as BackendWasm;
  keepBackend(backend);
  spoilNewMemory(backend);
  setTestEnvs([{ name: 'test-wasm', backendName: 'wasm', isDataSync: true }]);
  jasmineCore.installGlobals();
  jasmineCore.jasmine.DEFAULT_TIMEOUT_INTERVAL = 5_000;
  const environment = jasmineCore.jasmine.getEnv();
  environment.configure({
    random: false,
    forbidDuplicateNames: false,
    specFilter: (spec) => spec.getFullName().includes(filter),
  });
  const fileOf = await defineTests(environment.topSuite());

  const results: Result[] = [];
  const report = ({ id, fullName, status, failedExpectations }: Outcome) => {
    if (status === 'excluded') return;
    const message = failedExpectations.map((failed) => failed.message).join('\n');
    const result = { id, file: fileOf.get(id)!, fullName, status, message };
    results.push(result);
    onResult?.(result);
  };
  environment.addReporter({
    specDone: report,
    // What goes wrong after the last test of a group is told of the group.
    suiteDone: (outcome) => outcome.failedExpectations.length > 0 && report({ ...outcome, status: 'failed' }),
  });
  await environment.execute();
  return results;
}

/** tfjs's tests end the backend after every group and start another; here all run on the one that was started. */
function keepBackend(backend: BackendWasm): void {
  backend.dispose = () => {};
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', () => backend);
}

/** Makes what a kernel leaves unwritten wrong. Otherwise it is at times right, as an earlier test left it. */
function spoilNewMemory(backend: BackendWasm): void {
  const { move } = backend;
  backend.move = (dataId, values, shape, dtype, refCount) => {
    move.call(backend, dataId, values, shape, dtype, refCount);
    if (values !== null) return;
    const { buffer, byteOffset, byteLength } = backend.typedArrayFromHeap({ dataId, shape, dtype });
    new Uint8Array(buffer, byteOffset, byteLength).fill(0xff);
  };
}

/** Loads the files, which defines their tests, and says by id which file each test is from. */
async function defineTests(root: Suite): Promise<Map<string, string>> {
  const fileOf = new Map<string, string>();
  for (const [file, load] of Object.entries(testFiles)) {
    const before = root.children!.length;
    await load();
    for (const suite of root.children!.slice(before)) for (const id of idsOf(suite)) fileOf.set(id, file);
  }
  return fileOf;
}

function idsOf(suite: Suite): string[] {
  return [suite.id, ...(suite.children ?? []).flatMap(idsOf)];
}
