import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';

export interface Site {
  /** The program of a page that has nothing else... */
  script?: string;
  /** ... or the folder of a page, with its `index.html`. */
  folder?: string;
  /** Whether the page is isolated from other origins, so that its threads may share memory. */
  isIsolated: boolean;
  /** Its content security policy, if it has one. */
  policy?: string;
}

const require = createRequire(import.meta.url);
const tfjsFolder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
const kernelsFolder = dirname(require.resolve('@resnet/kernels/wasm/simd.wasm'));

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.png': 'image/png',
  '.safetensors': 'application/octet-stream',
  '.wasm': 'application/wasm',
};
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Serves a page; beside it tfjs's `.wasm` files, and those of the kernels under `/kernels/`. */
export function servePage(site: Site): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const path = pathname === '/' ? '/index.html' : pathname;
    const body = find(path, site);
    const headers = {
      ...(site.isIsolated && ISOLATION),
      ...(site.policy !== undefined && { 'Content-Security-Policy': site.policy }),
    };
    if (body === undefined) response.writeHead(404, headers).end();
    else response.writeHead(200, { ...headers, 'Content-Type': TYPES[extname(path)] }).end(body);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function find(path: string, { script, folder }: Site): string | Buffer | undefined {
  if (script !== undefined && path === '/index.html')
    return '<!doctype html><script type="module" src="/page.js"></script>';
  if (script !== undefined && path === '/page.js') return script;
  const file = /^\/tfjs-backend-wasm[\w-]*\.wasm$/.test(path)
    ? join(tfjsFolder, path)
    : path.startsWith('/kernels/')
      ? join(kernelsFolder, basename(path))
      : folder && join(folder, path);
  return file && existsSync(file) ? readFileSync(file) : undefined;
}
