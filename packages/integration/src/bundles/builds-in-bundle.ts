import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** The builds of the kernels. */
export const BUILDS = ['simd', 'relaxed-simd', 'simd-threads', 'relaxed-simd-threads'] as const;
export type Build = (typeof BUILDS)[number];

/** The paths of a bundle's files that carry a build, as base64. */
export function filesWithBuild(folder: string, build: Build): string[] {
  const base64 = readFileSync(require.resolve(`@resnet/kernels/wasm/${build}.wasm`), 'base64');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js') && readFileSync(join(folder, file), 'utf8').includes(base64))
    .map((file) => `/${file.replaceAll('\\', '/')}`);
}
