import os from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { type Backend, useBackend } from '../backend.js';

const open: Backend[] = [];
async function use(...parameters: Parameters<typeof useBackend>): Promise<Backend> {
  const backend = await useBackend(...parameters);
  open.push(backend);
  return backend;
}
afterEach(() => {
  for (const backend of open.splice(0)) backend.dispose();
});

const sumOf = (...values: number[]) => tf.tidy(() => tf.sum(tf.tensor1d(values)).dataSync()[0]);

describe('two starts at once', () => {
  it('of the same backend share it', async () => {
    const [a, b] = await Promise.all([use('wasm', { threads: 2 }), use('wasm', { threads: 2 })]);
    const tensor = tf.tensor1d([1, 2, 3]);
    a.dispose();
    a.dispose();
    expect(tf.getBackend()).toBe('wasm');
    expect([...tensor.dataSync()]).toEqual([1, 2, 3]);
    tensor.dispose();
    b.dispose();
    expect(tf.engine().registry).not.toHaveProperty('wasm');
  });

  it('of different backends leave the one that was asked for last current, whichever takes longer', async () => {
    for (const names of [['cpu', 'wasm'] as const, ['wasm', 'cpu'] as const]) {
      const backends = await Promise.all(names.map((name) => use(name, { threads: 2 })));
      expect(backends.map(({ name }) => name)).toEqual(names);
      expect(tf.getBackend()).toBe(names[1]);
      for (const backend of backends) backend.dispose();
    }
  });

  it('change nothing of the process that others see', async () => {
    const { cpus } = os;
    const all = Promise.all([use('wasm', { threads: 2 }), use('cpu'), use('wasm', { threads: 2 })]);
    const turn = () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
    do expect(os.cpus).toBe(cpus);
    while (!(await Promise.race([all, turn()])));
    expect(os.cpus).toBe(cpus);
  });

  it('leave the listeners of others alone', async () => {
    const listen = () => {};
    const started = use('wasm', { threads: 2 });
    const before = process.listenerCount('unhandledRejection');
    await new Promise((resolve) => setImmediate(resolve));
    process.on('unhandledRejection', listen);
    await started;
    expect(process.listeners('unhandledRejection')).toContain(listen);
    process.off('unhandledRejection', listen);
    expect(process.listenerCount('unhandledRejection')).toBe(before);
  });
});

describe('the end of a backend', () => {
  it('is not that of one that is asked for at that moment', async () => {
    const a = await use('wasm', { threads: 2 });
    const asked = use('wasm', { threads: 2 });
    a.dispose();
    await asked;
    expect(sumOf(1, 2, 3)).toBe(6);
  });

  it('comes before a start that was asked for after it', async () => {
    const a = await use('wasm', { threads: 1 });
    const other = use('cpu');
    a.dispose();
    const b = await use('wasm', { threads: 2 });
    expect(b.threads).toBe(2);
    await other;
  });

  it('is not that of one that was started in its place', async () => {
    const a = await use('cpu');
    tf.removeBackend('cpu');
    const { MathBackendCPU } = await import('@tensorflow/tfjs-backend-cpu');
    tf.registerBackend('cpu', () => new MathBackendCPU());
    await use('cpu');
    a.dispose();
    expect(tf.getBackend()).toBe('cpu');
    expect(sumOf(1, 2, 3)).toBe(6);
  });

  it('makes the one that was asked for before it current again', async () => {
    await use('wasm', { threads: 1 });
    const cpu = await use('cpu');
    cpu.dispose();
    expect(tf.getBackend()).toBe('wasm');
    expect(sumOf(1, 2, 3)).toBe(6);
  });
});

describe('a start that fails', () => {
  it('leaves what runs current, and its own reason in the message', async () => {
    await use('cpu');
    const failing = useBackend('webgl');
    await expect(failing).rejects.toMatchObject({
      code: 'BACKEND_FAILED',
      message: expect.stringContaining('WebGL 2'),
    });
    expect(tf.getBackend()).toBe('cpu');
  });

  it('keeps no other from starting', async () => {
    const [failed, started] = await Promise.allSettled([useBackend('webgl'), use('cpu')]);
    expect([failed.status, started.status]).toEqual(['rejected', 'fulfilled']);
  });
});
