import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const resnet = createRequire(import.meta.url)
  .resolve('@resnet/cli/package.json')
  .replace('package.json', 'dist/main.js');
const program = (name: string) => `
import { useBackend } from '@resnet/backend';
await useBackend('${name}').then((backend) => backend.dispose(), ({ code }) => process.stdout.write(code));`;
const evaluate = (name: string) => ['--input-type=module', '--eval', program(name)];

/** Runs a program of the packages as built where no GPU's driver can be found, or none of the files that it names. */
function run(parameters: string[]) {
  const nowhere = '/no/such/driver.json';
  const env = { ...process.env, VK_ICD_FILENAMES: nowhere, VK_DRIVER_FILES: nowhere };
  const { stdout, stderr, status } = spawnSync(process.execPath, parameters, {
    cwd: import.meta.dirname,
    env,
    encoding: 'utf8',
  });
  return { stdout, stderr, status };
}

describe('looking for a backend prints nothing to stderr', () => {
  it.each([
    ['auto', evaluate('auto')],
    ['webgpu', evaluate('webgpu')],
    ['resnet doctor', [resnet, 'doctor']],
  ])('%s', (_, parameters) => {
    expect(run(parameters)).toMatchObject({ stderr: '', status: 0 });
  });
});
