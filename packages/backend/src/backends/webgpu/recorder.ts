/// <reference types="@webgpu/types" />

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BufferPool } from './buffer-pool.js';
import type { Program, TfjsBackend, Uniform } from './tfjs-backend.js';
import { bytesOf, UniformBuffer } from './uniforms.js';

/** Recorded before they are submitted together: a submit costs as much as many dispatches, and until then the GPU may have nothing to do. */
const DISPATCHES_A_SUBMIT = 96;
const UNIFORM_BYTES = 2 ** 20;

/** What is kept of a pipeline. */
interface Known {
  layout: GPUBindGroupLayout;
  groups: Map<string, GPUBindGroup>;
}

/**
 * Records dispatches of tfjs's WebGPU backend. A bind group, and the uniforms in it, serve again when a dispatch has the same pipeline,
 * buffers, shapes and uniforms as an earlier one, as those of a training step mostly have. tfjs makes and writes both for each dispatch.
 */
export class Recorder {
  readonly #backend: TfjsBackend;
  readonly #pool: BufferPool;
  #known = new Map<GPUComputePipeline, Known>();
  #uniforms: UniformBuffer | undefined;
  #full: UniformBuffer[] = [];

  constructor(backend: TfjsBackend, pool: BufferPool) {
    this.#backend = backend;
    this.#pool = pool;
  }

  /** Records a dispatch whose tensors are all in buffers; their order is the order of the bindings. */
  record(program: Program, output: TensorInfo, inputs: TensorInfo[], uniforms: readonly Uniform[]): void {
    const backend = this.#backend;
    const group = this.#groupOf(program, [output, ...inputs], uniforms);
    backend.ensureCommandEncoderReady();
    backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass();
    backend.computePassEncoder.setPipeline(program.pipeline);
    backend.computePassEncoder.setBindGroup(0, group);
    backend.computePassEncoder.dispatchWorkgroups(...program.dispatch);
    backend.dispatchCountInPass++;
    if (backend.dispatchCountInPass < DISPATCHES_A_SUBMIT) return;
    backend.endComputePassEncoder();
    backend.submitQueue();
  }

  /** Has to be called before each submit. */
  writeUniforms(): void {
    for (const uniforms of [...this.#full, this.#uniforms]) uniforms?.write(this.#backend.queue);
  }

  /** Has to be called after each submit. */
  afterSubmit(): void {
    for (const { buffer } of this.#full) buffer.destroy();
    this.#full = [];
  }

  dispose(): void {
    this.afterSubmit();
    this.#uniforms?.buffer.destroy();
  }

  #groupOf(program: Program, tensors: TensorInfo[], uniforms: readonly Uniform[]): GPUBindGroup {
    const { groups } = this.#knownOf(program.pipeline);
    const buffers = tensors.map(({ dataId }) => this.#backend.tensorMap.get(dataId).resource as GPUBuffer);
    const ids = buffers.map((buffer) => this.#pool.idOf(buffer)).join();
    const shapes = tensors.map(({ shape }) => shape.join()).join(';');
    const values = uniforms.map(({ data }) => data.join()).join(';');
    const key = [ids, shapes, program.size && sizeOf(program), values].join(' ');
    const known = groups.get(key);
    if (known) return known;
    const range = this.#store(bytesOf(allUniforms(program, tensors, uniforms)));
    // Anew, as all are forgotten when the uniforms are full.
    const { layout, groups: current } = this.#knownOf(program.pipeline);
    const resources: GPUBindingResource[] = [...buffers.map((buffer) => ({ buffer })), range];
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const group = this.#backend.device.createBindGroup({ layout, entries });
    current.set(key, group);
    return group;
  }

  #knownOf(pipeline: GPUComputePipeline): Known {
    const known = this.#known.get(pipeline) ?? {
      layout: pipeline.getBindGroupLayout(0),
      groups: new Map<string, GPUBindGroup>(),
    };
    this.#known.set(pipeline, known);
    return known;
  }

  #store(bytes: ArrayBuffer) {
    this.#uniforms ??= new UniformBuffer(this.#backend.device, UNIFORM_BYTES);
    const range = this.#uniforms.add(bytes);
    if (range) return range;
    this.#full.push(this.#uniforms);
    this.#known = new Map();
    this.#uniforms = new UniformBuffer(this.#backend.device, UNIFORM_BYTES);
    return this.#uniforms.add(bytes)!;
  }
}

/** In the order in which tfjs declares them. */
function allUniforms(
  program: Program,
  [output, ...inputs]: TensorInfo[],
  uniforms: readonly Uniform[],
): Uniform[] {
  const ofShapes = [...inputs, output!].flatMap(({ shape }) => [
    { type: 'int32', data: shape },
    { type: 'int32', data: util.computeStrides(shape) },
  ]);
  return [
    { type: 'float32', data: [Number.NaN] },
    { type: 'float32', data: [Number.POSITIVE_INFINITY] },
    ...ofShapes,
    ...(program.size ? [{ type: 'int32', data: [sizeOf(program)] }] : []),
    ...uniforms,
  ];
}

const sizeOf = ({ outputShape = [], outputComponent }: Program) =>
  util.sizeFromShape(outputShape) / (outputComponent || 1);
