import { homedir } from 'node:os';
import { join } from 'node:path';
import { refusal } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { cacheFolder } from './cache/cache-folder.js';
import { settingsOf } from './settings.js';

describe('settingsOf', () => {
  it('takes what is given before the environment, and that before what is usual', () => {
    expect(settingsOf({}, {})).toEqual({
      hub: 'https://huggingface.co',
      token: undefined,
      retry: {
        tries: 5,
        delay: 0.5,
        maximumDelay: 60,
        maximumSilence: 60,
        minimumSpeed: 1000,
        speedWindow: 60,
      },
      signal: undefined,
    });
    const environment = { hub: 'https://mirror.example/hf/', token: 'hf_env' };
    expect(settingsOf({}, environment)).toMatchObject({ hub: 'https://mirror.example/hf', token: 'hf_env' });
    expect(settingsOf({ hub: 'http://other', token: 'hf_own' }, environment)).toMatchObject({
      hub: 'http://other',
      token: 'hf_own',
    });
  });

  it.each(['', 'huggingface.co', 'file:///etc', 'https://a:b@c', 'https://a?b', 'https://a#b'])(
    'refuses the hub %s',
    (hub) => {
      expect(() => settingsOf({ hub }, {})).toThrow(refusal('OPTION_INVALID', 'hub'));
    },
  );

  it('refuses what is no token, and does not show it', () => {
    const settings = () => settingsOf({ token: 'my secret\nX-Header: 1' }, {});
    expect(settings).toThrow(refusal('OPTION_INVALID', /^((?!secret).)*$/));
  });
});

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
