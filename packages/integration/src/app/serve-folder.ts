import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Not the root, as a static host may serve the page from anywhere. */
const PATH = '/any/path/';

/**
 * Serves a folder as a static host does.
 *
 * @param options.isIsolated whether it sends the headers that isolate pages from other origins
 * @param options.without files that it does not find
 */
export async function serveFolder(
  folder: string,
  { isIsolated, without }: { isIsolated: boolean; without?: RegExp },
): Promise<{ url: string; close(): void }> {
  const headers: Record<string, string> = isIsolated
    ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
    : {};
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const name = pathname === PATH ? 'index.html' : normalize(pathname).slice(PATH.length);
    try {
      if (without?.test(name)) throw new Error('not to be found');
      const body = await readFile(join(folder, name));
      const type = TYPES[extname(name)] ?? 'application/octet-stream';
      response.writeHead(200, { ...headers, 'Content-Type': type }).end(body);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}${PATH}`, close: () => void server.close() };
}
