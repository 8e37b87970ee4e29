import { defineConfig } from 'tsup';

export default defineConfig({
  entry: [
    'src/main.ts',
    'src/measure-kernels.ts',
    'src/measure-network.ts',
    'src/measure-evaluation.ts',
    'src/measure-curve.ts',
    'src/measure-crops.ts',
    'src/measure-gpu.ts',
    'src/measure-profile.ts',
    'src/gpu-main.ts',
    'src/export-onnx.ts',
  ],
  format: 'esm',
  target: 'es2022',
  clean: true,
  silent: true,
  skipNodeModulesBundle: true,
});
