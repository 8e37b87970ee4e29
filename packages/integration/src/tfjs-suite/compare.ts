import type { Result } from './run.js';

/** One test as it went without this project and with it. */
export interface Pair {
  /** Absent where the run ended before it. */
  stock?: Result;
  ours?: Result;
}

/** Puts together what two runs say of the same test. */
export function pairUp(stock: Result[], ours: Result[]): Pair[] {
  const pairs = new Map<string, Pair>(stock.map((result) => [result.id, { stock: result }]));
  for (const result of ours) pairs.set(result.id, { ...pairs.get(result.id), ours: result });
  return [...pairs.values()];
}

/**
 * A test of tfjs that expects what is wrong: the gradient of an average of the places in the image, divided by all of the
 * window. `packages/kernels/src/refusals.test.ts` has the right values.
 */
const MISTAKEN = 'avgPool test-wasm {} gradient x=[3,3,1] f=[3,3] s=1 p=explicit';

/** What works without this project and does not with it. */
export function isNewlyFailing({ stock, ours }: Pair): boolean {
  if (stock?.fullName === MISTAKEN) return false;
  return stock ? stock.status === 'passed' && ours?.status !== 'passed' : ours?.status === 'failed';
}

export function isNewlyPassing({ stock, ours }: Pair): boolean {
  return stock?.status === 'failed' && ours?.status === 'passed';
}

/** What failed for want of a kernel that this project has, and still fails, though for want of no other. */
export function notCured(pairs: Pair[]): Pair[] {
  const missing = new Set(pairs.map(({ ours }) => missingKernel(ours)));
  return pairs.filter(({ stock, ours }) => {
    const kernel = missingKernel(stock);
    return kernel && !missing.has(kernel) && ours?.status !== 'passed' && !missingKernel(ours);
  });
}

/** The test's file, its name, and what is wrong with it. */
export function complaint({ stock, ours }: Pair): string {
  const { file, fullName } = (ours ?? stock)!;
  return `${file}: ${fullName}\n${ours ? ours.message.slice(0, 500) : 'did not run'}`;
}

function missingKernel(result: Result | undefined): string | undefined {
  return /Kernel '(\w+)' not registered/.exec(result?.message ?? '')?.[1];
}
