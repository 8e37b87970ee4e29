import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import type { Outcome } from './test-support.js';

const packages = join(import.meta.dirname, '..', '..');
const program = join(packages, 'cli', 'bin', 'resnet.js');
const present = existsSync(join(packages, 'cli', 'dist', 'main.js'));
const reason = present ? '' : ' (skipped: needs the build, dist/main.js)';

function resnet(folder: string, ...argv: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...argv], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** A user's folder with a module and the packages of this repository, of which it may have a second copy of zoo. */
async function withModule(
  text: string,
  work: (folder: string) => Promise<void>,
  { hasOwnZoo = false } = {},
): Promise<void> {
  const { folder, remove } = await temporaryFolder();
  try {
    symlinkSync(join(packages, '..', 'node_modules'), join(folder, 'node_modules'));
    const project = join(folder, 'project');
    mkdirSync(project);
    const zoo = join(project, 'node_modules', '@resnet', 'zoo');
    for (const part of hasOwnZoo ? ['package.json', 'dist'] : []) {
      cpSync(join(packages, 'zoo', part), join(zoo, part), { recursive: true });
    }
    await writeFile(join(project, 'my-network.mjs'), text);
    await work(project);
  } finally {
    await remove();
  }
}

const registering = `
import { BasicBlock, Conv2d } from '@resnet/blocks';
import { perPixelMeanNormalization, sliceImages } from '@resnet/data';
import { readDigits, registerDataset } from '@resnet/data/node';
import { register, ResNet } from '@resnet/zoo';

register('my-network', ({ classes = 10, inChannels = 3, imageSize = 32, ...weights }) => new ResNet({
  ...weights,
  architecture: { name: 'my-network', classes, inChannels, imageSize },
  designSize: 32,
  stem: ({ random }) => ({ conv1: new Conv2d({ inChannels, outChannels: 4, size: 3, random }) }),
  stages: [{ blocks: 1, width: 4 }],
  block: ({ width, ...options }) => new BasicBlock({ ...options, outChannels: width, shortcut: 'A' }),
}));
registerDataset('my-digits', {
  description: 'some digits',
  open: async (_, { purpose }) => {
    const { train, test } = await readDigits();
    return sliceImages(purpose === 'train' ? train : test, 0, 64);
  },
  usual: { recipe: 'digits', normalization: perPixelMeanNormalization },
});
`;

describe('--import', () => {
  it.skipIf(!present)(`makes networks and data sets known to every command${reason}`, async () => {
    await withModule(registering, async (folder) => {
      const run = async (...argv: string[]) => {
        const outcome = await resnet(folder, '--import', './my-network.mjs', ...argv, '--json');
        expect(outcome, argv.join(' ')).toMatchObject({ code: 0 });
        return JSON.parse(outcome.stdout);
      };
      expect(await run('summary', 'my-network')).toMatchObject({ depth: 4 });
      const data = ['--dataset', 'my-digits', '--data', 'any', '--workers', '1'];
      const short = ['--iterations', '2', '--batch-size', '32', '--milestones', '1', '--threads', '1'];
      const trained = await run('train', 'my-network', ...data, ...short);
      expect(trained.architecture).toMatchObject({ name: 'my-network', inChannels: 1 });
      const weights = ['--weights', join('runs', 'my-network-my-digits', 'model.safetensors')];
      expect(await run('eval', ...weights, ...data)).toMatchObject({ count: 64 });
      await run('data', 'show', 'any', '--dataset', 'my-digits', '--out', 'sheet.png');
      const [image] = (await run('predict', 'sheet.png', ...weights)).images;
      expect(image.classes).toHaveLength(5);
    });
  });

  it.skipIf(!present)(`says so where a module has another copy of a package${reason}`, async () => {
    await withModule(
      registering,
      async (folder) => {
        const outcome = await resnet(folder, 'summary', 'my-network', '--import', 'my-network.mjs');
        expect(outcome).toMatchObject({ code: 2, stdout: '' });
        expect(outcome.stderr).toContain(
          "error UNKNOWN_NAME: The network 'my-network' is registered with another copy of the package",
        );
      },
      { hasOwnZoo: true },
    );
  });

  it.skipIf(!present)(`refuses what is not there or throws${reason}`, async () => {
    await withModule("\nthrow new Error('Not today.');\n", async (folder) => {
      const summary = (name: string) => resnet(folder, '--import', name, 'summary', 'resnet20');
      for (const name of ['./absent.mjs', 'absent-package']) {
        const { code, stderr } = await summary(name);
        expect(code).toBe(1);
        expect(stderr).toContain(
          `error MODULE_MISSING: --import must name a file or an installed package, found '${name}'`,
        );
      }
      const { code, stderr } = await summary('./my-network.mjs');
      expect(code).toBe(1);
      expect(stderr).toContain(
        'error MODULE_FAILED: The module of --import ./my-network.mjs throws an error in line 2 while it is loaded: Not today.',
      );
      expect(await resnet(folder, 'summary', 'plain20', '--import', '@resnet/data')).toMatchObject({
        code: 0,
      });
    });
  });
});
