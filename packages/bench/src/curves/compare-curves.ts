import { writeFile } from 'node:fs/promises';
import { cell, printTable } from '../measuring/table.js';
import { runScript } from '../measuring/turns.js';
import { drawLosses } from './draw-losses.js';
import type { Curve, Kernels } from './measure-curve.js';

/** What is compared, by its name in tables and picture. */
const labels: Record<Kernels, string> = {
  stock: "tfjs's own kernels",
  direct: 'direct convolutions',
  nudged: 'direct, started one rounding away',
  winograd: "Winograd's convolutions",
};

interface Options {
  steps: number;
  /** The folder of CIFAR-10. Without it handwritten digits are trained on. */
  data?: string | undefined;
  /** Where to write a picture of the curves, as SVG. */
  picture?: string | undefined;
}

/**
 * Trains ResNet-20 from the same seed with each kind of kernels, and prints the losses side by side: whether rounding,
 * which differs between them, matters for training. How far curves part by any rounding at all shows one whose start is
 * nudged.
 */
export async function compareCurves({ steps, data, picture }: Options): Promise<void> {
  const curves = Object.entries(labels).map(([kernels, label]) => {
    process.stderr.write(`${label}, ${steps} steps\n`);
    return { label, ...(runScript('measure-curve', [kernels, steps, ...(data ? [data] : [])]) as Curve) };
  });
  const title = `Training loss of ResNet-20 on ${curves[0]!.images}`;
  const averaged = steps / 10;
  console.log(`\n${title}, mean of the last ${averaged} steps\n`);
  printTable(
    ['step', ...curves.map(({ label }) => label)],
    Array.from({ length: 10 }, (_, row) => {
      const first = row * averaged;
      const means = curves.map(({ losses }) => mean(losses.slice(first, first + averaged)));
      return [String(first + averaged), ...means.map((loss) => cell(loss, 4))];
    }),
  );
  const { losses: direct } = curves.find(({ label }) => label === labels.direct)!;
  console.log(
    `\nDifference from the loss with ${labels.direct}, at the first 10 steps and on average of all\n`,
  );
  printTable(
    ['', ...Array.from({ length: 10 }, (_, index) => String(index + 1)), 'all'],
    curves
      .filter(({ losses }) => losses !== direct)
      .map(({ label, losses }) => {
        const differences = losses.map((loss, index) => Math.abs(loss - direct[index]!));
        const cells = [...differences.slice(0, 10), mean(differences)];
        return [label, ...cells.map((difference) => difference.toExponential(1))];
      }),
  );
  if (picture) await writeFile(picture, await drawLosses(title, curves));
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
