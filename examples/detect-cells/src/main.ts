// Counts the blood cells in photographs, and draws what it has found: npm start -w @resnet/example-detect-cells -- PHOTO … [--out FILE.png]
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import type { Image } from '@resnet/data';
import { decodeImageFile } from '@resnet/data/node';
import { type Detections, detect, prepareDetector } from '@resnet/detection';
import { loadDetector } from '@resnet/detection/node';
import sharp from 'sharp';

/** The least probability of a cell that counts. */
const LEAST_SCORE = 0.5;
const COLORS = ['#b45309', '#b91c1c', '#1d4ed8'];

const { values, positionals } = parseArgs({
  options: { out: { type: 'string' } },
  allowPositionals: true,
});
if (positionals.length === 0) {
  console.error(
    'Give photographs of blood under a microscope: npm start -w @resnet/example-detect-cells -- blood.jpg',
  );
  process.exit(2);
}

// npm runs this in the example's folder; paths are relative to where npm was called.
const from = process.env.INIT_CWD ?? '.';
try {
  await count(
    positionals.map((path) => resolve(from, path)),
    values.out && resolve(from, values.out),
  );
} catch (error) {
  if (!ResnetError.is(error)) throw error;
  console.error(`error ${error.code}: ${error.message}`);
  process.exitCode = 1;
}

async function count(photos: readonly string[], out: string | undefined): Promise<void> {
  const backend = await useBackend('wasm');
  const weights = new URL('../cells.safetensors', import.meta.url);
  const { detector, normalization, classNames = [] } = await loadDetector(weights);
  const prepared = prepareDetector(detector);
  detector.dispose();
  for (const [index, photo] of photos.entries()) {
    const image = await decodeImageFile(photo);
    const cells = above(await detect(prepared, image, { normalization }), LEAST_SCORE);
    const counts = classNames.map(
      (name, label) => `${cells.labels.filter((each) => each === label).length} ${name}`,
    );
    console.log(`${positionals[index]}: ${counts.join(', ')}`);
    if (index === 0 && out !== undefined) await draw(image, cells, classNames, out);
  }
  prepared.dispose();
  backend.dispose();
}

function above({ boxes, labels, scores }: Detections, least: number): Detections {
  // The best come first.
  const end = scores.findIndex((score) => score < least);
  const kept = end < 0 ? scores.length : end;
  return {
    boxes: boxes.subarray(0, 4 * kept),
    labels: labels.subarray(0, kept),
    scores: scores.subarray(0, kept),
  };
}

/** Writes the first photograph with a box around each cell, and which color is which kind. */
async function draw(image: Image, { boxes, labels }: Detections, names: readonly string[], out: string) {
  const { pixels, height, width, channels } = image;
  const rectangles = Array.from(labels, (label, index) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * index, 4 * index + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    return `<rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}" fill="none" stroke="${COLORS[label]}" stroke-width="2"/>`;
  });
  const legend = names.map(
    (name, label) => `<text x="8" y="${22 + 20 * label}" fill="${COLORS[label]}">■ ${name}</text>`,
  );
  const overlay =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${rectangles.join('')}` +
    `<rect width="110" height="${12 + 20 * names.length}" fill="white" fill-opacity="0.8"/>` +
    `<g font-family="sans-serif" font-size="16" font-weight="bold">${legend.join('')}</g></svg>`;
  const picture = await sharp(pixels, { raw: { height, width, channels: channels as 3 } })
    .composite([{ input: Buffer.from(overlay) }])
    .png()
    .toBuffer();
  // Fails if there is such a file already.
  await writeFile(out, picture, { flag: 'wx' });
  console.log(`written  ${out}`);
}
