import { refusal } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
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
