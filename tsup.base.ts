import type { Options } from 'tsup';

/** How packages are built, apart from their entries. */
export const base: Options = {
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  removeNodeProtocol: false,
  dts: true,
  clean: true,
};
