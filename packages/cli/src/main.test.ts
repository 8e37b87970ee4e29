import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import type { Outcome } from './test-support.js';

const program = join(import.meta.dirname, '..', 'bin', 'resnet.js');
const present = existsSync(join(import.meta.dirname, '..', 'dist', 'main.js'));
const reason = present ? '' : ' (skipped: needs the build, dist/main.js)';

/** Runs the built program; `onText` is called with all it has printed so far. */
function spawnResnet(
  argv: string[],
  onText: (output: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
  ofNode: string[] = [],
): Promise<Outcome> {
  const child = spawn(process.execPath, [...ofNode, program, ...argv]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    onText(stdout + stderr, (signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    onText(stdout + stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

describe('the built program', () => {
  it.skipIf(!present)(`starts by its first line, prints and ends${reason}`, async () => {
    expect(readFileSync(program, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
    expect(await spawnResnet(['--version'])).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout } = await spawnResnet(['doctor', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).backends).toContainEqual(
      expect.objectContaining({ name: 'wasm', works: true }),
    );
    expect((await spawnResnet(['trian'])).code).toBe(2);
  });

  it.skipIf(!present)(
    `stops on Ctrl-C, of which npm makes two signals, and leaves a checkpoint${reason}`,
    async () => {
      const { folder, remove } = await temporaryFolder();
      try {
        let isSent = false;
        const { code, stderr } = await spawnResnet(endlessTraining(folder), (output, kill) => {
          if (isSent || !output.includes('20 of 2,000')) return;
          isSent = true;
          kill('SIGINT');
          setTimeout(() => kill('SIGINT'), 20);
        });
        expect(code).toBe(130);
        expect(stderr).toContain('error ABORTED: ');
        expect(readdirSync(join(folder, 'resnet20-digits', 'checkpoints'))).toHaveLength(1);
      } finally {
        await remove();
      }
    },
  );

  it.skipIf(!present)(`leaves at once on a second Ctrl-C${reason}`, async () => {
    const { folder, remove } = await temporaryFolder();
    try {
      // Looking for checkpoints looks at no signal, and takes long.
      const hook = join(folder, 'slow.mjs');
      await writeFile(
        hook,
        `import files from 'node:fs/promises';
        import { syncBuiltinESMExports } from 'node:module';
        const { readdir } = files;
        files.readdir = async (path, ...options) => {
          if (String(path).endsWith('checkpoints')) await new Promise((resolve) => setTimeout(resolve, 60_000));
          return readdir(path, ...options);
        };
        syncBuiltinESMExports();`,
      );
      mkdirSync(join(folder, 'resnet20-digits', 'checkpoints'), { recursive: true });
      let [isSent, isSentAgain] = [false, false];
      const { code, stderr } = await spawnResnet(
        [...endlessTraining(folder), '--resume'],
        (output, kill) => {
          if (!isSent && output.includes('folder ')) {
            isSent = true;
            kill('SIGINT');
          }
          if (isSentAgain || !output.includes('Interrupted')) return;
          isSentAgain = true;
          setTimeout(() => kill('SIGINT'), 400);
        },
        ['--import', pathToFileURL(hook).href],
      );
      expect(code).toBe(130);
      expect(stderr).toMatch(/^Interrupted: .+ Press Ctrl-C again to exit at once\.\n$/);
    } finally {
      await remove();
    }
  });

  const hasTerminal = present && existsSync('/usr/bin/script') && process.platform === 'linux';
  const noTerminal = hasTerminal ? '' : reason || ' (skipped: needs script of util-linux, for a terminal)';
  it.skipIf(!hasTerminal)(`stops on Ctrl-C in a terminal, under npm${noTerminal}`, async () => {
    const { folder, remove } = await temporaryFolder();
    try {
      const command = `npm exec -- @resnet/cli ${endlessTraining(folder).join(' ')}`;
      const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
        cwd: join(import.meta.dirname, '..', '..', '..'),
      });
      let output = '';
      let isPressed = false;
      terminal.stdout.on('data', (chunk) => {
        output += chunk;
        if (isPressed || !output.includes('/2,000')) return;
        isPressed = true;
        terminal.stdin.write('\x03');
      });
      const code = await new Promise((resolve) => terminal.on('close', resolve));
      expect(code).toBe(130);
      expect(output).toContain('error ABORTED: ');
      expect(readdirSync(join(folder, 'resnet20-digits', 'checkpoints'))).toHaveLength(1);
    } finally {
      await remove();
    }
  });
});

/** What takes longer than any test waits. */
function endlessTraining(folder: string): string[] {
  const settings = ['--iterations', '2000', '--batch-size', '4', '--threads', '1', '--out', folder];
  return ['train', '--dataset', 'digits', ...settings];
}
