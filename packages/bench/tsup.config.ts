import { defineConfig } from 'tsup';

export default defineConfig({
  // One folder for all, whatever folder a source is in: a program starts others by their names.
  entry: {
    main: 'src/main.ts',
    'measure-kernels': 'src/kernels/measure-kernels.ts',
    'measure-network': 'src/models/measure-network.ts',
    'export-model': 'src/models/export-model.ts',
    'litert-thread': 'src/litert/litert-thread.ts',
    'measure-evaluation': 'src/evaluation/measure-evaluation.ts',
    'measure-curve': 'src/curves/measure-curve.ts',
    'measure-regions': 'src/regions/measure-regions.ts',
    'measure-detection': 'src/detection/measure-detection.ts',
    'measure-crops': 'src/data/measure-crops.ts',
    'gpu-main': 'src/gpu/main.ts',
    'measure-gpu': 'src/gpu/measure-gpu.ts',
    'measure-profile': 'src/gpu/measure-profile.ts',
  },
  format: 'esm',
  target: 'es2022',
  clean: true,
  silent: true,
  skipNodeModulesBundle: true,
});
