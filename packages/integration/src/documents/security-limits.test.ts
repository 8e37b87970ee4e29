import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('docs/security.md has the limits of the sources', () => {
  const root = join(import.meta.dirname, '../../../..');
  const { status, stderr } = spawnSync(process.execPath, ['scripts/write-limits.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
