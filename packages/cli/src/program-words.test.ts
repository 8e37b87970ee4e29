import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programWords } from './program-words.js';

// What npm 11, pnpm 9 and yarn 1 give to the programs that they run.
const npm = { npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64 workspaces/false' };
const pnpm = { npm_config_user_agent: 'pnpm/9.15.9 npm/? node/v20.20.2 linux x64' };
const yarn = { npm_config_user_agent: 'yarn/1.22.22 npm/? node/v20.20.2 linux x64' };

describe.skipIf(process.platform === 'win32')('the words that call the program again', () => {
  it.each([
    ['npx, which fetched it', '/home/me/.npm/_npx/acec0d/node_modules/.bin/resnet', npm, 'npx @resnet/cli'],
    ['npx in a project, or npm run', '/home/me/project/node_modules/.bin/resnet', npm, 'npx @resnet/cli'],
    [
      'pnpm dlx',
      '/home/me/.cache/pnpm/dlx/fynz/node_modules/@resnet/cli/bin/resnet.js',
      pnpm,
      'pnpm dlx @resnet/cli',
    ],
    ['pnpm exec', '/home/me/project/node_modules/.bin/resnet', pnpm, 'pnpm exec resnet'],
    ['yarn', '/home/me/project/node_modules/.bin/resnet', yarn, 'yarn resnet'],
    ['a command on the path', '/usr/local/bin/resnet', { PATH: '/bin:/usr/local/bin' }, 'resnet'],
    ['a link that is not on it', join(process.cwd(), 'bin', 'resnet'), { PATH: '/bin' }, 'bin/resnet'],
    ['Node itself', join(process.cwd(), 'my files', 'main.js'), { PATH: '/bin' }, "node 'my files/main.js'"],
  ])('of %s', (_, script, env, words) => {
    expect(programWords(script, env)).toBe(words);
  });
});
