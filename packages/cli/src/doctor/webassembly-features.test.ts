import { afterEach, expect, it, vi } from 'vitest';
import { webAssemblyFeatures } from './webassembly-features.js';

afterEach(() => vi.restoreAllMocks());

it('finds what every Node of this project has', () => {
  const { relaxedSimd, ...features } = webAssemblyFeatures();
  expect(features).toEqual({ simd: true, threads: true });
  // On by default from Node 22 on; a flag may turn it on before.
  if (Number(process.versions.node.split('.')[0]) >= 22) expect(relaxedSimd).toBe(true);
});

it('asks about modules that are valid but for one instruction', () => {
  const modules: Uint8Array[] = [];
  vi.spyOn(WebAssembly, 'validate').mockImplementation((bytes) => {
    modules.push(bytes as Uint8Array);
    return false;
  });
  expect(webAssemblyFeatures()).toEqual({ simd: false, threads: false, relaxedSimd: false });
  vi.restoreAllMocks();
  const [drop, nothing] = [0x1a, 0x01];
  const instructions = [
    { feature: [0xfd, 0x0f], plain: [nothing, nothing] },
    { feature: [0xfe, 0x10, 0x02, 0x00], plain: [0x28, 0x02, 0x00, nothing] }, // i32.load
    { feature: [0xfd, 0x85, 0x02], plain: [drop, drop, nothing] },
  ];
  for (const [index, { feature, plain }] of instructions.entries()) {
    const bytes = Buffer.from(modules[index]!);
    const place = bytes.indexOf(Buffer.from(feature));
    expect(place).toBeGreaterThan(0);
    bytes.set(plain, place);
    expect(WebAssembly.validate(bytes)).toBe(true);
    bytes.set(feature.fill(0xff), place);
    expect(WebAssembly.validate(bytes)).toBe(false);
  }
});
