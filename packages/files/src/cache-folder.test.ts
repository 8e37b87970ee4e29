import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder } from './cache-folder.js';

describe('cacheFolder', () => {
  const usual = join(homedir(), '.cache', 'resnet');
  it.each<[NodeJS.ProcessEnv, NodeJS.Platform, string]>([
    [{}, 'linux', usual],
    [{ RESNET_CACHE: '', XDG_CACHE_HOME: '', LOCALAPPDATA: '/local' }, 'darwin', usual],
    [{ RESNET_CACHE: '/own', XDG_CACHE_HOME: '/xdg' }, 'linux', '/own'],
    [{ XDG_CACHE_HOME: '/xdg' }, 'linux', join('/xdg', 'resnet')],
    [{ LOCALAPPDATA: '/local' }, 'win32', join('/local', 'resnet')],
    [{}, 'win32', usual],
  ])('with %o on %s', (environment, platform, expected) => {
    expect(cacheFolder(environment, platform)).toBe(expected);
  });
});
