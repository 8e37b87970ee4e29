import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelFormat } from '../models/export-model.js';
import type { Task } from './workload.js';

/** The file of a network for another library. Another process makes it, so that this one holds no more than inference takes. */
export async function modelFileOf(
  format: ModelFormat,
  { network, batchSize }: Pick<Task, 'network' | 'batchSize'>,
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'resnet-bench-'));
  try {
    const file = join(folder, 'network');
    const script = fileURLToPath(new URL('./export-model.js', import.meta.url));
    execFileSync(process.execPath, [script, format, network, String(batchSize), file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
