/// <reference types="@webgpu/types" />

import type { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { openGpu, withNavigatorGpu } from '#backend-platform';
import type { BackendOptions, StartedBackend } from '../backend.js';
import { backendLost } from './lost.js';
import { checkGpu, noAdapter, noGpu } from './no-gpu.js';
import { bringUp, MissingPackage, tensorMemory } from './starting.js';

type TfjsWebgpu = typeof import('@tensorflow/tfjs-backend-webgpu');

/** tfjs's backend, and its device. */
interface WatchedBackend extends tf.KernelBackend {
  readonly deviceName: string;
  readonly isSoftware: boolean;
}

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
  await bringUp('webgpu', 'webgpu', async () =>
    createWatched(tfjsWebgpu, gpu, await findAdapter(gpu, software)),
  );
  const { deviceName, isSoftware } = tf.backend() as WatchedBackend;
  return {
    name: 'webgpu',
    device: `WebGPU on ${deviceName}`,
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
  checkGpu({ name: nameOf(adapter), isSoftware: adapter.info.isFallbackAdapter }, software);
  return adapter;
}

function nameOf({ info }: GPUAdapter): string {
  return info.description || `${info.vendor} ${info.architecture}`;
}

async function createWatched(
  tfjsWebgpu: TfjsWebgpu,
  gpu: GPU,
  adapter: GPUAdapter,
): Promise<tf.KernelBackend> {
  const device = await requestDevice(adapter);
  let loss: ResnetError | undefined;
  void device.lost.then(({ reason, message }) => {
    loss ??= backendLost('webgpu', message || reason);
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    loss ??= backendLost('webgpu', error.message);
  });
  const throwIfLost = () => {
    if (loss) throw loss;
  };

  /** After a loss or an error a device computes nothing, and reports nothing. */
  class Watched extends tfjsWebgpu.WebGPUBackend implements WatchedBackend {
    readonly deviceName = nameOf(adapter);
    readonly isSoftware = adapter.info.isFallbackAdapter;

    /** Read by `bringUp`. */
    get loss() {
      return loss;
    }

    /** Every program calls it first, tfjs's and those of @resnet/kernels. */
    override uploadToGPU(dataId: object) {
      throwIfLost();
      super.uploadToGPU(dataId);
    }

    override async read(dataId: object) {
      throwIfLost();
      const values = await super.read(dataId).catch(async (error) => {
        // A read may fail a moment before the loss is reported.
        await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
        throw loss ?? error;
      });
      throwIfLost();
      return values;
    }

    override dispose() {
      super.dispose();
      device.destroy();
    }
  }
  return withNavigatorGpu(gpu, () => new Watched(device, adapter.info));
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
