import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { ContractName } from '../contracts/contract.js';
import { problemOfRegions, REGION_VALUES, type RegionGrid } from '../regions/region-grid.js';
import { refused } from '../runtime/refused.js';
import { sizeOf } from './kernel.js';
import { isWhole } from './matrix.js';
import { type Channels, each, run, type Shader, workgroupsFor } from './shader.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

/** @throws INPUT_INVALID */
export function checkRegions(
  name: ContractName,
  inputs: object,
  grid: RegionGrid,
  shape: readonly number[],
  more?: string,
): void {
  const [images, height, width] = shape as [number, number, number];
  const noPixels = height * width > 0 ? undefined : 'images of no pixels have no regions.';
  const problem = more ?? noPixels ?? problemOfRegions(grid, images);
  if (problem) throw refused(name, inputs, {}, problem);
}

/** Where the image of each region begins, in pixels. */
export function imagesOf({ regions }: RegionGrid, [, height, width]: readonly number[]): Int32Array {
  const count = regions.length / REGION_VALUES;
  return Int32Array.from(
    { length: count },
    (_, region) => regions[REGION_VALUES * region]! * height! * width!,
  );
}

/** Lists of numbers, one behind the other in one buffer, as a shader has few of these; floats by their bits. */
function tableOf(
  backend: TfjsWebgpuBackend,
  lists: Record<string, Int32Array | Float32Array>,
): { table: TensorInfo; starts: Record<string, number> } {
  const parts = Object.entries(lists);
  const values = new Int32Array(parts.reduce((sum, [, { length }]) => sum + length, 1));
  const starts: Record<string, number> = {};
  let at = 0;
  for (const [name, list] of parts) {
    starts[name] = at;
    values.set(new Int32Array(list.buffer, list.byteOffset, list.length), at);
    at += list.length;
  }
  const table = backend.makeTensorInfo([values.length], 'int32', values);
  return { table, starts };
}

export function zeros(backend: TfjsWebgpuBackend, shape: number[]): TensorInfo {
  const size = shape.reduce((product, length) => product * length, 1);
  return backend.makeTensorInfo(shape, 'float32', new Float32Array(size));
}

/** Channels as a shader counts them: vectors of four where their number allows that. */
export const unitsOf = (channels: number): number => (isWhole(channels) ? channels / 4 : channels);

/**
 * A shader with an invocation for each element of its output: a vector of four channels, or a single one.
 *
 * @param shader its uniforms are integers: sizes, and where the lists of its table begin
 * @param body computes element `index`
 */
export function overElements(
  shader: Pick<Shader, 'key' | 'outputs' | 'inputs'> & { uniforms: readonly string[] },
  { isWhole, type }: Channels,
  body: string,
  declarations: string,
): Shader {
  const maps = [...shader.outputs, ...Object.keys(shader.inputs).filter((name) => name !== 'table')];
  return {
    ...shader,
    key: `${shader.key} ${type}`,
    inputs: { ...shader.inputs, table: 'i32' },
    vectors: isWhole ? maps : [],
    uniforms: Object.fromEntries([...shader.uniforms, 'elements'].map((name) => [name, 'u32' as const])),
    code: () => `
      ${declarations}
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        ${each('uniforms.elements')} { ${body} }
      }`,
  };
}

/** Runs a shader of `overElements` with these lists as its table. */
export function runElements(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  buffers: Record<string, TensorInfo>,
  uniforms: Record<string, number>,
  lists: Record<string, Int32Array | Float32Array>,
): void {
  const { table, starts } = tableOf(backend, lists);
  const output = buffers[shader.outputs[0]!]!;
  const elements = shader.vectors?.length ? sizeOf(output) / 4 : sizeOf(output);
  run(backend, shader, {
    buffers: { ...buffers, table },
    uniforms: { ...uniforms, ...starts, elements },
    workgroups: workgroupsFor(backend, elements),
  });
  backend.disposeData(table.dataId);
}
