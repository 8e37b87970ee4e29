import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from './kernel.js';
import { isWhole } from './matrix.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

/** Invocations of a workgroup: as many as every device allows. */
export const WORKGROUP = 256;

/** A compute shader over flat buffers. */
export interface Shader {
  /** Identifies the shader. */
  key: string;
  /** The buffers that it writes, of floats; it may read them as well. At least one. */
  outputs: string[];
  /** The buffers that it reads; none of them may be an output too. */
  inputs: Record<string, 'f32' | 'i32'>;
  /** The buffers of these names consist of vectors of four floats. */
  vectors?: string[];
  /** In addition every buffer `x` has its number of elements as `uniforms.xSize`. */
  uniforms: Record<string, 'f32' | 'u32'>;
  /** Its invocations, by default WORKGROUP in one row. */
  workgroup?: [columns: number, rows: number];
  /**
   * Declarations, and the function `main(local: vec2u, group: vec2u, groups: vec2u)`: the position in the workgroup, the
   * workgroup, and how many there are. It has to use every buffer. Called when the shader is compiled.
   */
  code(): string;
}

interface Run {
  buffers: Record<string, TensorInfo>;
  uniforms: Record<string, number>;
  /** How many, in x and y. */
  workgroups: [number, number];
}

const pipelines = new WeakMap<TfjsWebgpuBackend, Map<string, object>>();

/** Records a shader; later shaders read its outputs. */
export function run(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  { buffers, uniforms, workgroups }: Run,
): void {
  // Flat, so that tfjs's shapes and strides are one number each.
  const bindings = bindingsOf(shader).map((name) => {
    const { dataId, dtype } = buffers[name]!;
    backend.uploadToGPU(dataId);
    return { dataId, dtype, shape: [sizeOf(buffers[name]!)] };
  });
  const [output, ...inputs] = bindings;
  const values = Object.entries(shader.uniforms).map(([name, type]) => ({
    type: type === 'f32' ? ('float32' as const) : ('uint32' as const),
    data: [uniforms[name]!],
  }));
  const program = {
    pipeline: pipelineOf(backend, shader),
    shaderKey: shader.key,
    dispatch: [...workgroups, 1] as [number, number, number],
  };
  backend.recordAndSubmit(program, output!, inputs, values);
}

/** Runs a shader that computes one element of its first output at a time, as those of `elementwise` do. */
export function runEach(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  buffers: Run['buffers'],
  uniforms: Run['uniforms'] = {},
): void {
  const workgroups = workgroupsFor(backend, sizeOf(buffers[shader.outputs[0]!]!));
  run(backend, shader, { buffers, uniforms, workgroups });
}

/** New tensors of floats, whose values the next shader writes. */
export function makeFloats<Shapes extends number[][]>(
  backend: TfjsWebgpuBackend,
  ...shapes: Shapes
): { [Index in keyof Shapes]: TensorInfo } {
  return shapes.map((shape) => backend.makeTensorInfo(shape, 'float32')) as never;
}

/** Enough workgroups for one element per invocation, or as many as the device allows: then `each` gives an invocation several. */
export function workgroupsFor(backend: TfjsWebgpuBackend, elements: number): [number, number] {
  const most = backend.device.limits.maxComputeWorkgroupsPerDimension;
  return [Math.min(most, Math.ceil(elements / WORKGROUP)), 1];
}

/**
 * A shader that computes its outputs element by element.
 *
 * @param body computes element `index` of the first output
 * @param declarations functions that it calls
 */
export function elementwise(
  shader: Pick<Shader, 'key' | 'outputs' | 'inputs'> & Partial<Shader>,
  body: string,
  declarations = '',
): Shader {
  const code = () => `
    ${declarations}
    fn main(local: vec2u, group: vec2u, groups: vec2u) {
      ${each(`uniforms.${shader.outputs[0]}Size`)} { ${body} }
    }`;
  return { uniforms: {}, ...shader, code };
}

/** How a shader over tensors [..., channels] sees them: by vectors of four channels where their number allows that. */
export interface Channels {
  isWhole: boolean;
  /** Of an element: 'vec4f' or 'f32'. */
  type: string;
}

export const channelsOf = (channels: number): Channels =>
  isWhole(channels) ? { isWhole: true, type: 'vec4f' } : { isWhole: false, type: 'f32' };

/** ReLU, which keeps NaN. */
export const reluOf = (value: string, { type }: Channels): string =>
  `select(${value}, ${type}(), ${value} < ${type}())`;

/**
 * A shader that computes its outputs element by element, or by vectors of four. An invocation has the same channel in all its elements, and
 * reads once what belongs to this.
 *
 * @param prepare reads what belongs to `channel`, of which there are `channels` in each of the numbers of a channel
 * @param body computes element `index` of the first output
 */
export function channelwise(
  shader: Pick<Shader, 'key' | 'outputs' | 'inputs'>,
  { isWhole }: Channels,
  { prepare, body }: { prepare: string; body: string },
): Shader {
  return {
    ...shader,
    key: `${shader.key} ${isWhole}`,
    vectors: isWhole ? bindingsOf(shader) : [],
    uniforms: { channels: 'u32', elements: 'u32', stride: 'u32' },
    code: () => `
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        let first = group.x * ${WORKGROUP} + local.x;
        if (first >= uniforms.stride) { return; }
        let channels = uniforms.channels;
        let channel = first % channels;
        ${prepare}
        for (var index = first; index < uniforms.elements; index += uniforms.stride) { ${body} }
      }`,
  };
}

/** Workgroups from which on invocations get several elements. */
const ENOUGH_WORKGROUPS = 1024;
const MOST_ELEMENTS_EACH = 4;

/** Runs a shader of `channelwise`. */
export function runChannelwise(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  buffers: Run['buffers'],
  channels: number,
): void {
  const unit = isWhole(channels) ? 4 : 1;
  const [width, elements] = [channels / unit, sizeOf(buffers[shader.outputs[0]!]!) / unit];
  const all = Math.ceil(Math.max(elements, width) / WORKGROUP);
  const most = backend.device.limits.maxComputeWorkgroupsPerDimension;
  const workgroups = Math.min(all, most, Math.max(ENOUGH_WORKGROUPS, Math.ceil(all / MOST_ELEMENTS_EACH)));
  const stride = Math.floor((workgroups * WORKGROUP) / width) * width;
  run(backend, shader, {
    buffers,
    uniforms: { channels: width, elements, stride },
    workgroups: [workgroups, 1],
  });
}

/** The head of a loop over this many elements: neighboring invocations take neighboring elements. */
export const each = (elements: string): string =>
  `for (var index = group.x * ${WORKGROUP} + local.x; index < ${elements}; index += groups.x * ${WORKGROUP})`;

/**
 * Declares `total(value, local)`, which combines the values of a workgroup's rows: every column has its own, which all of
 * it get. All invocations have to call it.
 */
export function totalOf(type: string, [columns, rows]: [number, number], combine: string): string {
  return `
    var<workgroup> parts: array<${type}, ${columns * rows}>;
    fn combine(a: ${type}, b: ${type}) -> ${type} { ${combine} }
    fn total(value: ${type}, local: vec2u) -> ${type} {
      let invocation = local.y * ${columns} + local.x;
      // What was there may still be read.
      workgroupBarrier();
      parts[invocation] = value;
      workgroupBarrier();
      for (var step = ${rows / 2}u; step > 0; step /= 2) {
        if (local.y < step) { parts[invocation] = combine(parts[invocation], parts[invocation + step * ${columns}]); }
        workgroupBarrier();
      }
      return parts[local.x];
    }`;
}

function bindingsOf({ outputs, inputs }: Pick<Shader, 'outputs' | 'inputs'>): string[] {
  return [...outputs, ...Object.keys(inputs)];
}

function pipelineOf(backend: TfjsWebgpuBackend, shader: Shader): object {
  const known = pipelines.get(backend) ?? new Map<string, object>();
  pipelines.set(backend, known);
  const pipeline = known.get(shader.key) ?? compile(backend, shader);
  known.set(shader.key, pipeline);
  return pipeline;
}

function compile({ device }: TfjsWebgpuBackend, shader: Shader): object {
  const label = shader.key;
  const module = device.createShaderModule({ code: sourceOf(shader), label });
  return device.createComputePipeline({ compute: { module, entryPoint: 'start' }, label, layout: 'auto' });
}

function sourceOf(shader: Shader): string {
  const { outputs, inputs, vectors = [], uniforms, workgroup = [WORKGROUP, 1], code } = shader;
  const bindings = bindingsOf(shader);
  const [output, ...others] = bindings;
  const declared = bindings.map((name, index) => {
    const access = outputs.includes(name) ? 'read_write' : 'read';
    const type = vectors.includes(name) ? 'vec4f' : (inputs[name] ?? 'f32');
    return `@group(0) @binding(${index}) var<storage, ${access}> ${name}: array<${type}>;`;
  });
  // The first is bound first, and comes last among the shapes.
  const sizes = [...others, output].map((name) => `${name}Size: u32, ${name}Stride: u32,`);
  const values = Object.entries(uniforms).map(([name, type]) => `${name}: ${type},`);
  return `
    struct Uniforms { nan: f32, infinity: f32, ${[...sizes, ...values].join(' ')} }
    ${declared.join('\n')}
    @group(0) @binding(${bindings.length}) var<uniform> uniforms: Uniforms;
    ${code()}
    @compute @workgroup_size(${workgroup.join(', ')})
    fn start(
      @builtin(local_invocation_id) local: vec3u,
      @builtin(workgroup_id) group: vec3u,
      @builtin(num_workgroups) groups: vec3u,
    ) {
      main(local.xy, group.xy, groups.xy);
    }`;
}

/** The sum of x, divided, by one workgroup. */
export const SUM: Shader = {
  key: 'sum',
  outputs: ['sum'],
  inputs: { x: 'f32' },
  uniforms: { divisor: 'f32' },
  workgroup: [1, WORKGROUP],
  code: () => `
    ${totalOf('f32', [1, WORKGROUP], 'return a + b;')}
    fn main(local: vec2u, group: vec2u, groups: vec2u) {
      var all = 0f;
      for (var index = local.y; index < uniforms.xSize; index += ${WORKGROUP}) { all += x[index]; }
      all = total(all, local);
      if (local.y == 0) { sum[0] = all / uniforms.divisor; }
    }`,
};
