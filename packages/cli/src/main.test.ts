import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Outcome, temporaryFolder } from './test-support.js';

const main = join(import.meta.dirname, '..', 'dist', 'main.js');
const present = existsSync(main);
const reason = present ? '' : ' (skipped: needs the build, dist/main.js)';

/** Runs the built program; `onText` is called with all it has printed so far. */
function spawnResnet(
  argv: string[],
  onText: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [main, ...argv]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    onText(stdout, (signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

describe('the built program', () => {
  it.skipIf(!present)(`starts by its first line, prints and ends${reason}`, async () => {
    expect(readFileSync(main, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
    expect(await spawnResnet(['--version'])).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout } = await spawnResnet(['doctor', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).backends[0]).toMatchObject({ name: 'wasm', works: true });
    expect((await spawnResnet(['trian'])).code).toBe(2);
  });

  it.skipIf(!present)(`stops on Ctrl-C and leaves a checkpoint${reason}`, async () => {
    const { folder, remove } = await temporaryFolder();
    try {
      const settings = ['--iterations', '2000', '--batch-size', '4', '--threads', '1', '--out', folder];
      let isSent = false;
      const { code, stderr } = await spawnResnet(
        ['train', '--dataset', 'digits', ...settings],
        (stdout, kill) => {
          if (isSent || !stdout.includes('20 of 2,000')) return;
          isSent = true;
          kill('SIGINT');
        },
      );
      expect(code).toBe(130);
      expect(stderr).toContain('error ABORTED: ');
      expect(existsSync(join(folder, 'resnet20-digits', 'checkpoints'))).toBe(true);
    } finally {
      await remove();
    }
  });
});
