import { isInt8, nameOf, type Peer } from '../measuring/peer.js';

/** How far outputs may differ, relative to the largest. */
const tolerance = 1e-3;

/** Prints whether libraries come to the same logits, as they should but for those of 8 bits; else the exit code is 1. */
export function reportDifference(results: Map<Peer, { output?: number[] }[]>): void {
  const measured = [...results].flatMap(([peer, [first]]) =>
    first?.output ? [{ peer, output: first.output }] : [],
  );
  const [reference, ...others] = measured.filter(({ peer }) => !isInt8(peer));
  if (!reference || others.length === 0) return;
  const largest = (values: number[]) => Math.max(...values.map(Math.abs));
  const differenceOf = ({ output }: { output: number[] }) =>
    largest(output.map((logit, index) => logit - reference.output[index]!)) / largest(reference.output);
  const difference = largest(others.map(differenceOf));
  const isEqual = difference <= tolerance;
  if (!isEqual) process.exitCode = 1;
  console.log(
    `\nThe logits in float32 ${isEqual ? 'agree' : 'DISAGREE'}: they differ by up to ${difference.toExponential(1)} of the largest.`,
  );
  for (const other of measured.filter(({ peer }) => isInt8(peer) && peer.threads === 1)) {
    console.log(
      `Those of ${nameOf(other.peer)} differ from them by up to ${differenceOf(other).toExponential(1)}.`,
    );
  }
}
