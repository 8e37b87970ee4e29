import { readFile } from 'node:fs/promises';
import v8 from 'node:v8';

export interface Peak {
  gigaflopsPerSecond: number;
  /** What it was measured with. */
  instructions: string;
}

interface PeakModule {
  OPERATIONS_PER_ROUND: WebAssembly.Global;
  multiplyAdd(rounds: number, factor: number, term: number): number;
}

/** The most multiply-adds that WebAssembly can do on one thread of this machine, which is the floor of all kernels. */
export async function measurePeak(): Promise<Peak> {
  const read = (file: string) => readFile(new URL(`./${file}`, import.meta.url));
  const relaxed = await read('peak-relaxed.wasm');
  // Older V8 has relaxed SIMD behind a flag; newer has it without, and may not know the flag.
  if (!WebAssembly.validate(relaxed)) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  const isRelaxed = WebAssembly.validate(relaxed);
  const module = await WebAssembly.compile(isRelaxed ? relaxed : await read('peak.wasm'));
  const instance = await WebAssembly.instantiate(module);
  const { OPERATIONS_PER_ROUND, multiplyAdd } = instance.exports as unknown as PeakModule;

  const [rounds, repetitions] = [2 ** 19, 200];
  let best = 0;
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const started = performance.now();
    multiplyAdd(rounds, 0.5, 0.25);
    const milliseconds = performance.now() - started;
    best = Math.max(best, (rounds * OPERATIONS_PER_ROUND.value) / milliseconds / 1e6);
  }
  return { gigaflopsPerSecond: best, instructions: isRelaxed ? 'relaxed_madd' : 'mul and add' };
}
