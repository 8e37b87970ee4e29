import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeServer, impatient, someBytes, startServer } from '@resnet/testing';
import { afterEach, beforeEach } from 'vitest';
import { type DownloadOptions, download } from '../hub/download.js';
import * as host from '../hub/host.node.js';
import { type RepositoryFile, storedName } from '../hub/repository-file.js';
import { fileOf } from './hub-file.js';

// What the tests of downloads share: a file of a hub that each test starts anew, and the folder that it goes to.

export const bytes = someBytes(200_000);
export const file = fileOf(bytes);

export let folder: string;
export let hub: FakeServer;

export function useHub(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resnet-hub-'));
    hub = await startServer();
  });
  afterEach(async () => {
    await hub.close();
    await rm(folder, { recursive: true });
  });
}

export const get = (options: DownloadOptions = {}, wanted: RepositoryFile = file) =>
  download(wanted, { hub: hub.url, cacheFolder: folder, retry: impatient, ...options }, host);
export const stored = () => join(folder, storedName(file));
export const part = () => `${stored()}.part`;
export const ranges = () => hub.requests.map(({ headers }) => headers.range);
