import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useBackend } from './backend.js';
import { BACKEND_NAMES, BACKENDS } from './backends/descriptors.js';
import type { WasmFiles } from './backends/wasm-files.js';

describe('useBackend', () => {
  it('starts, reports, ends and starts again, with any number of threads', async () => {
    for (const threads of [2, 1, 2]) {
      const backend = await useBackend('wasm', { threads });
      expect(backend).toMatchObject({ name: 'wasm', threads, passedOver: [] });
      expect(backend.features).toContain('simd');
      expect(backend.device).toMatch(/WebAssembly, \d threads? on ./);
      const before = backend.memory();
      const tensor = tf.zeros([1000]);
      expect(backend.memory()).toMatchObject({ tensors: before.tensors + 1, bytes: before.bytes + 4000 });
      expect(backend.memory().heapBytes).toBeGreaterThan(4000);
      tensor.dispose();
      backend.dispose();
    }
  });

  it('leaves tfjs able to start the backend again by itself', async () => {
    const backend = await useBackend('wasm', { threads: 2 });
    backend.dispose();
    expect(await tf.setBackend('wasm')).toBe(true);
    const tensor = tf.tensor1d([1, 2]);
    expect([...tensor.dataSync()]).toEqual([1, 2]);
    tensor.dispose();
    (await useBackend('wasm')).dispose();
  });

  it.each(['auto', undefined] as const)('takes the first backend that works for %s', async (name) => {
    const backend = await useBackend(name);
    const tried = BACKEND_NAMES.slice(0, BACKEND_NAMES.indexOf(backend.name));
    expect(backend.passedOver.map(({ name }) => name)).toEqual(tried);
    expect(tried).not.toContain('wasm');
    for (const { code, reason } of backend.passedOver) {
      expect(['BACKEND_MISSING', 'BACKEND_FAILED']).toContain(code);
      expect(reason).toMatch(/npm install|GPU|load/);
    }
    backend.dispose();
  });

  it('keeps a running backend, its tensors and its threads', async () => {
    const first = await useBackend('wasm', { threads: 2 });
    const tensor = tf.tensor1d([1, 2, 3]);
    const second = await useBackend('wasm', { threads: 1 });
    expect(second.threads).toBe(2);
    expect([...tensor.dataSync()]).toEqual([1, 2, 3]);
    tensor.dispose();
    first.dispose();
    second.dispose();
  });

  it('says which packages to install, of each backend that lacks some', async () => {
    for (const name of BACKEND_NAMES) {
      const error = await useBackend(name).then(
        (backend) => void backend.dispose(),
        (error) => error,
      );
      if (error?.code !== 'BACKEND_MISSING') continue;
      const { packages, setup = `npm install ${packages.join(' ')}` } = BACKENDS[name];
      expect(error.message).toContain(`${setup}.`);
    }
  });

  it('refuses unknown names and impossible threads', async () => {
    const unknown = { code: 'UNKNOWN_NAME', message: expect.stringContaining("Did you mean 'wasm'?") };
    await expect(useBackend('wsam' as 'wasm')).rejects.toMatchObject(unknown);
    await expect(useBackend('gpu' as 'webgpu')).rejects.toThrow("Did you mean 'webgpu'?");
    await expect(useBackend('toString' as 'wasm')).rejects.toMatchObject({ code: 'UNKNOWN_NAME' });
    await expect(useBackend('WASM' as 'wasm')).rejects.toThrow("Did you mean 'wasm'?");
    await expect(useBackend('CUDA' as 'wasm')).rejects.toThrow("Did you mean 'node-gpu'?");
    await expect(useBackend('wasm', { threads: 0 })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  it('refuses files of tfjs of which some have no URL, and names them', async () => {
    const wasmPaths = { 'tfjs-backend-wasm.wasm': '/a.wasm' } as WasmFiles;
    await expect(useBackend('wasm', { wasmPaths })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(
        /Missing: tfjs-backend-wasm-simd\.wasm, tfjs-backend-wasm-threaded-simd\.wasm/,
      ),
    });
  });

  it('registers the gradients that plain Node lacks', async () => {
    const backend = await useBackend('cpu');
    const gradient = tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, 2, 3]));
    expect([...gradient.dataSync()]).toEqual([2, 4, 6]);
    gradient.dispose();
    backend.dispose();
  });
});
