/// <reference types="@webgpu/types" />

import * as tf from '@tensorflow/tfjs-core';
import { openGpu, withNavigatorGpu } from '#backend-platform';
import type { BackendOptions, StartedBackend } from '../../backend.js';
import { checkGpu, noAdapter, noGpu } from '../no-gpu.js';
import { bringUp, MissingPackage, tensorMemory } from '../starting.js';
import { createBackend, gpuOf, type WatchedBackend } from './watched-backend.js';

type TfjsWebgpu = typeof import('@tensorflow/tfjs-backend-webgpu');

/**
 * A GPU through WebGPU: the browser's, or in Node that of the npm package `webgpu`.
 *
 * @param adapter a part of the GPU's name; in Node only
 * @param software whether an adapter that computes on the processor is good enough
 */
export async function startWebgpuBackend(
  { adapter = '' }: BackendOptions,
  { software }: { software: boolean },
): Promise<StartedBackend> {
  const tfjsWebgpu = await load();
  // Before tfjs starts the backend, as it prints its failures.
  const gpu = await openGpu(adapter, software);
  await findAdapter(gpu, software);
  await bringUp('webgpu', 'webgpu', async () => {
    const adapter = await findAdapter(gpu, software);
    const device = await requestDevice(adapter);
    return withNavigatorGpu(gpu, () => createBackend(tfjsWebgpu, device, adapter.info));
  });
  const { name, isSoftware } = (tf.backend() as WatchedBackend).gpu;
  return {
    name: 'webgpu',
    device: `WebGPU on ${name}`,
    threads: 1,
    features: isSoftware ? ['software'] : [],
    warnings: [],
    memory: tensorMemory,
  };
}

async function load(): Promise<TfjsWebgpu> {
  try {
    const tfjsWebgpu = await import('@tensorflow/tfjs-backend-webgpu');
    // Imported here, so that programs on other backends do not load them.
    const { installWebgpu } = await import('@resnet/kernels/webgpu');
    installWebgpu();
    return tfjsWebgpu;
  } catch (cause) {
    throw new MissingPackage(cause);
  }
}

/** @throws BACKEND_FAILED if there is no adapter, or none but in software where that is not good enough */
async function findAdapter(gpu: GPU, software: boolean): Promise<GPUAdapter> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch((cause) => {
    // The message lists the names of the GPUs.
    throw noGpu(cause.message, cause);
  });
  if (!adapter) throw noAdapter();
  checkGpu(gpuOf(adapter.info), software);
  return adapter;
}

/** A device with all the limits of the adapter that tfjs and @resnet/kernels make use of. */
function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { features, limits } = adapter;
  const wanted = [
    'maxBufferSize',
    'maxComputeInvocationsPerWorkgroup',
    'maxComputeWorkgroupSizeX',
    'maxComputeWorkgroupStorageSize',
    'maxComputeWorkgroupsPerDimension',
    'maxStorageBufferBindingSize',
    'maxStorageBuffersPerShaderStage',
  ] as const;
  return adapter.requestDevice({
    requiredFeatures: features.has('timestamp-query') ? ['timestamp-query'] : [],
    requiredLimits: Object.fromEntries(wanted.map((limit) => [limit, limits[limit]])),
  });
}
