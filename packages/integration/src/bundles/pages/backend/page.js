import { useBackend } from '@resnet/backend';

window.run = async (options) => {
  const { features, threads, warnings } = await useBackend('wasm', { wasmPaths: '/', ...options });
  return { features, threads, warnings };
};
