import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..', '..');

/** Calls that remove, rename or replace files, or write to them: Node's, those of `@resnet/files`, and what is made of these. */
const CALL =
  /(?<!function )\b(rm|rmdir|unlink|rename|truncate|ftruncate|writeFile|appendFile|copyFile|cp|symlink|link|chmod|chown|utimes|createWriteStream|toFile|writeWholeFile|writeSafetensorsFile|saveModel|saveDetector|removeTemporaries)(?:Sync)?\(/g;
/** Of an open file; streams are written to in the same words. */
const OF_HANDLE = /\b\w*[fF]ile\.(write)\(/g;
/** Opening for writing, whatever stands between. */
const OPEN = /\bopen\(\s*[\w.]+,\s*(?:'(?:w|wx|a|ax|r\+)\+?'|[^;]*?O_(?:WRONLY|RDWR|CREAT))/g;

/** In source files of packages, tests and their helpers aside: '`path` | `operation`' with how often it is called. */
async function findOperations(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const packages = (await readdir(join(root, 'packages'))).filter(
    (name) => !['integration', 'testing'].includes(name),
  );
  for (const name of packages.sort()) {
    const paths = await readdir(join(root, 'packages', name, 'src'), { recursive: true });
    for (const path of paths.sort()) {
      if (!/\.[cm]?[jt]sx?$/.test(path) || /\.test\.ts$|testing|test-support/.test(path)) continue;
      const source = await readFile(join(root, 'packages', name, 'src', path), 'utf8');
      // Under another name a call would not be found.
      expect(source, path).not.toMatch(/^import \{[^}]*\w+ as \w+[^}]*\} from '(node:)?fs/m);
      const code = source.replaceAll(/^\s*(\*|\/\/|\/\*\*).*$/gm, '');
      const operations = [CALL, OF_HANDLE].flatMap((pattern) =>
        [...code.matchAll(pattern)].map(([, operation]) => operation!),
      );
      operations.push(...[...code.matchAll(OPEN)].map(() => 'open'));
      for (const operation of operations) {
        const key = `${name}/src/${path.replaceAll('\\', '/')} ${operation}`;
        found.set(key, (found.get(key) ?? 0) + 1);
      }
    }
  }
  return found;
}

/** What the document lists, as rows of '| `path` | `operation` ×times | guard |'; a path stands for the rows below it. */
async function readList(): Promise<{ listed: Map<string, number>; unguarded: string[] }> {
  const text = await readFile(join(root, 'docs', 'file-operations.md'), 'utf8');
  const listed = new Map<string, number>();
  const unguarded: string[] = [];
  let path = '';
  for (const line of text.split('\n')) {
    const [, file, operation, times, guard] =
      /^\| (?:`(.+?)`)? *\| `(\w+)`(?: ×(\d+))? *\| *(.*?) *\|$/.exec(line) ?? [];
    if (operation === undefined) continue;
    path = file ?? path;
    listed.set(`${path} ${operation}`, Number(times ?? 1));
    if (!guard) unguarded.push(`${path} ${operation}`);
  }
  return { listed, unguarded };
}

it('every operation that removes, renames, replaces or writes files is in docs/file-operations.md, with what guards it', async () => {
  const [found, { listed, unguarded }] = [await findOperations(), await readList()];
  expect(found.size).toBeGreaterThan(30);
  expect(Object.fromEntries([...listed].sort())).toEqual(Object.fromEntries([...found].sort()));
  expect(unguarded).toEqual([]);
});
