import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../../..');

function run(program: string, ...args: string[]) {
  return spawnSync(process.execPath, [program, ...args], { cwd: root, encoding: 'utf8' });
}

describe('the architecture', () => {
  it('has no import cycle, and no import that a package may not have', () => {
    const sources = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/src`);
    const { status, stdout, stderr } = run(
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      ...['--config', '.dependency-cruiser.mjs', '--output-type', 'err'],
      ...sources.filter((path) => !path.includes('weights-')),
    );
    expect({ status, stderr, stdout }).toMatchObject({ status: 0, stderr: '' });
    expect(stdout).toMatch(/no dependency violations found \(\d{3,} modules/);
  });

  it('has the packages in docs/architecture.md as they depend on one another', () => {
    const { status, stderr } = run('scripts/write-architecture.mjs', '--check');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
