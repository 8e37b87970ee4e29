import { ResnetError } from '@resnet/core';

/** What is known of an adapter. */
export interface FoundGpu {
  name: string;
  /** Whether the processor emulates the GPU. */
  isSoftware: boolean;
}

export function noGpu(reason: string, cause?: unknown): ResnetError {
  return new ResnetError('BACKEND_FAILED', `The webgpu backend found no GPU: ${reason}`, { cause });
}

/** @param detail the driver's message, if there is one */
export function noAdapter(detail?: string): ResnetError {
  const what = `WebGPU offers no adapter${detail ? ` (${detail})` : ''}.`;
  return noGpu(`${what} Look for the driver (in Linux, of Vulkan), or use another backend.`);
}

/** @throws BACKEND_FAILED if the processor emulates the GPU and that is not accepted */
export function checkGpu({ name, isSoftware }: FoundGpu, software: boolean): void {
  if (!isSoftware || software) return;
  const message = `WebGPU offers no GPU but ${name}, which computes on the processor, slower than WebAssembly.`;
  throw new ResnetError('BACKEND_FAILED', message);
}
