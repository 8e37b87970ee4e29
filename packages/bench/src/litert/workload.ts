import { getGlobalLiteRt, loadAndCompile, Tensor } from '@litertjs/core';

/** A network of LiteRT.js that is ready to be timed: images are copied in and logits out at each run, as in all libraries. */
export async function litertWorkload(
  file: Uint8Array,
  images: { values: Float32Array; shape: readonly number[] },
  threads: number,
): Promise<{ run(): Promise<Float32Array>; heapBytes(): number }> {
  const model = await loadAndCompile(file, { accelerator: 'wasm', cpuOptions: { numThreads: threads } });
  if (!model.isFullyAccelerated) throw new Error('LiteRT.js computes a part of the network without XNNPACK.');
  const [count, channels, height, width] = images.shape as [number, number, number, number];
  const values = channelsLast(images.values, channels, height * width);
  const run = async () => {
    const input = new Tensor(values, [count, height, width, channels]);
    const [output] = await model.run([input]);
    const logits = await output!.data();
    input.delete();
    output!.delete();
    return logits as Float32Array;
  };
  return { run, heapBytes: () => getGlobalLiteRt().liteRtWasm.HEAPU8.byteLength };
}

function channelsLast(values: Float32Array, channels: number, pixels: number): Float32Array {
  const moved = new Float32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const [image, rest] = [Math.floor(index / (channels * pixels)), index % (channels * pixels)];
    moved[image * channels * pixels + (rest % pixels) * channels + Math.floor(rest / pixels)] =
      values[index]!;
  }
  return moved;
}
