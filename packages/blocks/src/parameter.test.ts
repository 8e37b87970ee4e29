import { useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import { describe, expect, it } from 'vitest';
import { Parameter } from './parameter.js';

const make = () => new Parameter(() => new Float32Array(2), [2], 'vector');

describe('a parameter', () => {
  it('says how to start a backend where none has been, or its time is over', async () => {
    const advice = expect.objectContaining({
      code: 'BACKEND_MISSING',
      message: expect.stringContaining('await useBackend()'),
    });
    expect(make).toThrow(advice);
    const backend = await useBackend('wasm', { threads: 1 });
    make().dispose();
    backend.dispose();
    expect(make).toThrow(advice);
    expect(make).toThrow(ResnetError);
  });
});
