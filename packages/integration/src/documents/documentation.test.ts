import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { codeBlocks, promises } from '../../../../scripts/markdown-examples.mjs';

const root = join(import.meta.dirname, '..', '..', '..', '..');
// Beside the packages' own code, so that imports resolve as a user's do: to what was built.
const folder = mkdtempSync(join(import.meta.dirname, '..', '..', 'documentation-'));
afterAll(() => rmSync(folder, { recursive: true }));

const documents = [
  'README.md',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((path) => path.endsWith('.md') && existsSync(join(root, path)));

const examples = documents.flatMap((path) =>
  codeBlocks(readFileSync(join(root, path), 'utf8'), 'js').map((code, index) => {
    return { title: `${path}, example ${index + 1}`, code };
  }),
);

describe('npx', () => {
  /** Text that people read: documents, and what programs print. */
  const texts = execFileSync('git', ['ls-files', '*.md', 'examples/*/src', 'packages/*/src', 'scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && !path.startsWith('.changeset/') && !path.endsWith('.test.ts'));

  // Where a program is not installed, npx takes its name for a package's, and anyone may have published that.
  it('is asked for packages by their names alone', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const known = ['@resnet/cli', ...Object.keys(devDependencies)];
    const asked = texts.flatMap((path) =>
      [
        ...readFileSync(join(root, path), 'utf8').matchAll(/(?:^|[`$] ?|: +)npx ((?:@[\w-]+\/)?[\w-]+)/gm),
      ].map(([, name]) => [path, name!] as const),
    );
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter(([, name]) => !known.includes(name))).toEqual([]);
  });
});

describe('examples in the documentation', () => {
  it.each(examples)('$title runs, and prints what it says', async ({ title, code }) => {
    const file = join(folder, `${title.replaceAll(/\W+/g, '-')}.mjs`);
    writeFileSync(file, code);
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder, timeout: 100_000 });
    for (const pattern of promises(code)) expect(stdout).toMatch(pattern);
  });
});
