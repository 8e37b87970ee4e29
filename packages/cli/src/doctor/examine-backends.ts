import { BACKEND_NAMES, BACKENDS, type BackendName, type useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import { isSupported } from '../setup-gpu/check-machine.js';
import { firstSentence } from './first-sentence.js';
import { packageCommand } from './package-command.js';

/**
 * Whether a backend starts here, with its device and warnings; or why it does not, and what to do. All are optional; one that
 * is not installed has the code BACKEND_MISSING.
 */
export type BackendReport =
  | {
      name: BackendName;
      works: true;
      device: string;
      threads: number;
      features: readonly string[];
      warnings: readonly string[];
    }
  | { name: BackendName; works: false; code: string | null; reason: string; advice: string };

/**
 * Starts and disposes each backend for Node, one after another.
 *
 * @param program how the user calls this program
 */
export async function examineBackends(start: typeof useBackend, program: string): Promise<BackendReport[]> {
  const reports: BackendReport[] = [];
  for (const name of BACKEND_NAMES) {
    if (!BACKENDS[name].platforms.includes('node')) continue;
    try {
      const backend = await start(name);
      const { device, threads, features, warnings } = backend;
      backend.dispose();
      reports.push({ name, works: true, device, threads, features, warnings });
    } catch (error) {
      const code = ResnetError.is(error) ? error.code : null;
      const reason = firstSentence(error instanceof Error ? error.message : String(error));
      reports.push({ name, works: false, code, reason, advice: adviceFor(name, code, program) });
    }
  }
  return reports;
}

function adviceFor(name: BackendName, code: string | null, program: string): string {
  const { packages, repair, setup } = BACKENDS[name];
  if (code === 'BACKEND_MISSING' && setup !== undefined && isSupported()) return `${program} setup-gpu`;
  if (code === 'BACKEND_MISSING') return packageCommand('install', packages.join(' '));
  const command = repair.npm && packageCommand(repair.npm, packages.join(' '));
  return [command, repair.advice].filter((text) => text !== undefined).join('. ');
}
