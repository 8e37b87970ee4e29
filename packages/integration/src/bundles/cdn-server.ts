import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
export const nodeModules = join(import.meta.dirname, '../../../../node_modules');

/** A CDN of the packages in node_modules. */
export interface Cdn {
  /** Where it serves files as they are: `<address>@resnet/zoo@0/dist/index.js`, as jsDelivr and unpkg do. */
  files: string;
  /** Where it converts CommonJS, and files that import others without endings, to ES modules, as esm.sh does. */
  modules: string;
  /** The paths that were asked for, from `files` or `modules` on, and whether they were there. */
  readonly requests: { path: string; isFound: boolean }[];
  close(): void;
}

const TYPES: Record<string, string> = {
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
};

/** Serves packages from another origin. */
export async function serveCdn(): Promise<Cdn> {
  const requests: Cdn['requests'] = [];
  const server = createServer(async (request, response) => {
    const [, kind, path] = /^\/(files|modules)\/(.*)$/.exec(request.url!) ?? [];
    const file = path === undefined ? undefined : findFile(path, kind === 'modules');
    requests.push({ path: request.url!.slice(1), isFound: file !== undefined });
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'Access-Control-Allow-Origin': '*',
      'Content-Type': TYPES[/\w+$/.exec(file)![0]] ?? 'application/octet-stream',
    });
    response.end(kind === 'modules' ? await converted(file) : readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    files: `${origin}/files/`,
    modules: `${origin}/modules/`,
    requests,
    close: () => void server.close(),
  };
}

/** The file for `package@version/path`, if that version is installed and would be published with it. */
function findFile(path: string, takesMain: boolean): string | undefined {
  const [, name, version, inside] = /^((?:@[\w-]+\/)?[\w-]+)@([\d.]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (name === undefined || !existsSync(join(nodeModules, name, 'package.json'))) return undefined;
  const manifest = JSON.parse(readFileSync(join(nodeModules, name, 'package.json'), 'utf8'));
  const isInstalled = `${manifest.version}.`.startsWith(`${version}.`);
  const isPacked = !name.startsWith('@resnet/') || manifest.files.includes(inside?.split('/')[0]);
  const file = inside ?? (takesMain ? manifest.main : undefined);
  if (!isInstalled || !isPacked || file === undefined) return undefined;
  const found = join(nodeModules, name, file);
  return existsSync(found) && statSync(found).isFile() ? found : undefined;
}

/** One ES module of a file and all that it imports. What CommonJS exports is known by running it, as converting CDNs do. */
async function converted(file: string): Promise<string> {
  const isModule = /^(import|export)\b/m.test(readFileSync(file, 'utf8'));
  const contents = isModule
    ? `export * from ${JSON.stringify(file)};`
    : `import all from ${JSON.stringify(file)}; export const { ${Object.keys(require(file))} } = all;`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: nodeModules },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
    tsconfigRaw: '{}',
  });
  return outputFiles[0]!.text;
}
