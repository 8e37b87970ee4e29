import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { run } from './run.js';

/** A stream that keeps what is written to it, and may look like a terminal. */
export class TextStream extends Writable {
  text = '';
  isTTY = false;
  columns = 100;
  /** Called after each write. */
  onText: () => void = () => {};

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.onText();
    done();
  }
}

/** What a command line printed, and its exit code. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command line in this process. */
export async function runResnet(...argv: string[]): Promise<Outcome> {
  const [stdout, stderr] = [new TextStream(), new TextStream()];
  const code = await run(argv, { stdout, stderr });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** A new empty folder; `remove` takes it away with all that is in it. */
export async function temporaryFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'resnet-cli-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The folder of real data that is shared beside the repository; it may not be there. */
const sharedData =
  process.env.RESNET_SHARED_DATA ?? join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');

/** Weights of ResNet-20 that akamaster/pytorch_resnet_cifar10 published, or the reason why there are none. */
export function realWeights(): { path: string } | { missing: string } {
  const path = join(sharedData, 'torch-weights', 'resnet20-12fca82f.th');
  return existsSync(path) ? { path } : { missing: 'needs torch-weights in the shared data' };
}

/** A folder with the real `test_batch.bin`, unpacked once and kept, or the reason why there is none. */
export async function realCifar10(): Promise<{ folder: string } | { missing: string }> {
  if (process.env.RESNET_CIFAR10) return { folder: process.env.RESNET_CIFAR10 };
  const archive = join(sharedData, 'cifar-10-binary.tar.xz');
  if (!existsSync(archive))
    return { missing: 'needs RESNET_CIFAR10, or cifar-10-binary.tar.xz in the shared data' };
  const kept = join(tmpdir(), `resnet-cifar10-test-${(await stat(archive)).size}`);
  if (existsSync(kept)) return { folder: kept };
  const { folder: fresh, remove } = await temporaryFolder();
  try {
    await promisify(execFile)('tar', ['xJf', archive, '-C', fresh, 'cifar-10-batches-bin/test_batch.bin']);
    await rename(fresh, kept).catch((error) => {
      // Another run may have been faster; its files are the same.
      if (!existsSync(kept)) throw error;
    });
    return { folder: kept };
  } catch (error) {
    return { missing: `tar and xz must be able to unpack the archive: ${(error as Error).message}` };
  } finally {
    await remove();
  }
}
