import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { litertFolder } from '../litert/run-script.js';
import type { ModelFormat } from '../models/export-model.js';
import { modelFileOf } from '../networks/model-file.js';

const require = createRequire(import.meta.url);

/** Where the files of libraries are, by the folder that the page finds them in. */
const folders: Record<string, string> = {
  '/tfjs/': join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out'),
  '/onnxruntime/': dirname(require.resolve('onnxruntime-web')),
  '/litert/': litertFolder,
};
const TYPES: Record<string, string> = {
  '': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};
/** Without them a page has no threads. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Serves a page with a program; beside it the libraries' files, and networks as `/models/FORMAT/NETWORK`. */
export function servePage(script: string): Promise<Server> {
  const models = new Map<string, Promise<Uint8Array>>();
  const find = async (path: string): Promise<string | Uint8Array> => {
    if (path === '/') return '<!doctype html><body><script type="module" src="/page.js"></script>';
    if (path === '/page.js') return script;
    const [, folder, format, network] = path.split('/');
    if (folder === 'models') {
      const file =
        models.get(path) ?? modelFileOf(format as ModelFormat, { network: network!, batchSize: 1 });
      models.set(path, file);
      return file;
    }
    return readFile(join(folders[path.slice(0, path.lastIndexOf('/') + 1)]!, basename(path)));
  };
  const server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url!, 'http://localhost');
    try {
      const body = await find(pathname);
      const type = TYPES[extname(pathname)] ?? 'application/octet-stream';
      response.writeHead(200, { ...ISOLATION, 'Content-Type': type }).end(body);
    } catch {
      response.writeHead(404, ISOLATION).end();
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
