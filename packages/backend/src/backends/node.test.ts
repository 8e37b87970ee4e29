import { coded } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it, vi } from 'vitest';

/** What the fake packages have loaded, and whether there is a GPU. */
const state = vi.hoisted(() => ({ loaded: [] as string[], gpu: false, absent: '' }));

vi.mock('../platform/require-in-node.js', async () => {
  const { KernelBackend, registerBackend } = await import('@tensorflow/tfjs-core');
  class FakeBackend extends KernelBackend {
    isUsingGpuDevice = state.gpu;
    binding = { TF_Version: '2.21.0' };
    override dispose() {}
  }
  const resolve = (name: string) => {
    if (name === state.absent) throw new Error(`Cannot find module '${name}'`);
  };
  const load = (name: string) => {
    resolve(name);
    state.loaded.push(name);
    registerBackend('tensorflow', () => new FakeBackend());
  };
  return { requireInNode: Object.assign(load, { resolve }) };
});
vi.mock('../patches/padded-kernels.js', () => ({ registerPaddedKernels: () => {} }));

describe('of tfjs-node and tfjs-node-gpu a process loads one', () => {
  beforeEach(() => {
    vi.resetModules();
    Object.assign(state, { loaded: [], gpu: false, absent: '' });
    if (tf.findBackendFactory('tensorflow')) tf.removeBackend('tensorflow');
  });

  it('and node takes that of node-gpu where it sees no GPU', async () => {
    const { startNode } = await import('./node.js');
    const noGpu = 'sees no GPU. TensorFlow 2.21.0 takes an NVIDIA GPU with driver 525.60.13';
    await expect(startNode('node-gpu')).rejects.toEqual(coded('BACKEND_FAILED', noGpu));
    const device = expect.stringMatching(/^TensorFlow 2\.21\.0 on \d+ threads/);
    expect(await startNode('node')).toMatchObject({ name: 'node', device });
    expect(state.loaded).toEqual(['@tensorflow/tfjs-node-gpu']);
  });

  it('and node is no GPU', async () => {
    state.gpu = true;
    const { startNode } = await import('./node.js');
    expect(await startNode('node-gpu')).toMatchObject({ device: 'TensorFlow 2.21.0 on a GPU' });
    await expect(startNode('node')).rejects.toEqual(
      coded('BACKEND_FAILED', 'loaded TensorFlow for node-gpu'),
    );
  });

  it('and node-gpu does not start after node', async () => {
    const { startNode } = await import('./node.js');
    await startNode('node');
    await expect(startNode('node-gpu')).rejects.toEqual(coded('BACKEND_FAILED', 'in another process'));
    expect(state.loaded).toEqual(['@tensorflow/tfjs-node']);
  });

  it('and node is missing where its own package is', async () => {
    state.absent = '@tensorflow/tfjs-node';
    const { startNode } = await import('./node.js');
    const { MissingPackage } = await import('./starting.js');
    await expect(startNode('node-gpu')).rejects.toEqual(coded('BACKEND_FAILED'));
    await expect(startNode('node')).rejects.toBeInstanceOf(MissingPackage);
  });
});
