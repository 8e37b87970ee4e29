// Each package's own code, all of it, as a bundler takes it for browsers: minified and gzipped, without its dependencies.
const limits = {
  core: '2.4 kB',
  // Eight builds of which a page loads one or two: as base64 they are alike for gzip only where their bytes fall on the same thirds.
  kernels: '78.5 kB',
  backend: '16 kB',
  blocks: '8.5 kB',
  boxes: '7 kB',
  files: '4 kB',
  data: '54 kB',
  zoo: '34 kB',
  eval: '9.5 kB',
  charts: '3.3 kB',
  train: '11.5 kB',
  detection: '17 kB',
  experiments: '5.5 kB',
};

export default Object.entries(limits).map(([name, limit]) => ({
  name: `@resnet/${name}`,
  path: `packages/${name}/dist/index.js`,
  ignore: ['@*', 'd3-random', 'fastest-levenshtein', 'fflate', 'pbf', 'pickleparser', 'pure-rand/*', 'vega'],
  gzip: true,
  limit,
  // What is published has none; ours would send esbuild to the sources.
  modifyEsbuildConfig: (config) => ({ ...config, tsconfigRaw: '{}' }),
}));
