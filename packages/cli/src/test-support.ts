import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { useBackend } from '@resnet/backend';
import { sharedData } from '@resnet/testing';
import { create } from '@resnet/zoo';
import { saveModel } from '@resnet/zoo/node';
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

/** Weights of ResNet-20 that akamaster/pytorch_resnet_cifar10 published, or the reason why there are none. */
export function realWeights(): { path: string } | { missing: string } {
  const path = join(sharedData, 'torch-weights', 'resnet20-12fca82f.th');
  return existsSync(path) ? { path } : { missing: 'needs torch-weights in the shared data' };
}

/** Writes a plain20 for gray images, of which no normalization is known. */
export async function saveBareWeights(folder: string): Promise<string> {
  const path = join(folder, 'bare.safetensors');
  const backend = await useBackend('cpu');
  const network = create('plain20', { inChannels: 1 });
  await saveModel(path, { network });
  network.dispose();
  backend.dispose();
  return path;
}
