import * as ort from 'onnxruntime-web';

/** The heaps that onnxruntime-web makes; its interface does not show them. */
const heaps: WebAssembly.Memory[] = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    heaps.push(this);
  }
};

/** A model that is ready to run. */
export interface OnnxSession {
  run(): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Starts onnxruntime-web's WebAssembly backend on a model of one input and one output. */
export async function startSession(
  file: Uint8Array,
  x: { values: Float32Array; shape: number[] },
  threads: number,
): Promise<OnnxSession> {
  ort.env.wasm.numThreads = threads;
  const [batch, , height, width] = x.shape;
  const session = await ort.InferenceSession.create(file, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    // Sizes that files of `exportOnnx` leave open; fixed sizes are faster.
    freeDimensionOverrides: { batch: batch!, height: height ?? 1, width: width ?? 1 },
  });
  const feeds = { [session.inputNames[0]!]: new ort.Tensor('float32', x.values, x.shape) };
  return {
    run: async () => (await session.run(feeds))[session.outputNames[0]!]!.data as Float32Array,
    release: () => session.release(),
  };
}

/** Bytes of onnxruntime-web's WASM heap, which never shrinks. */
export function onnxHeapBytes(): number {
  return heaps.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
