// Writes assembly/generated/tiles.ts: the innermost loops, for every number of rows that the drivers use. A tile keeps
// its sums in vector registers, rows × 8 output channels, which needs as many named variables; hence a generator.
//
// Each function has one loop and no other: V8 then keeps all sums in registers. Around a second loop, or in a loop that
// tests at its end, it spills one of them, and every step waits for the memory: half the speed.

/** The 16 vector registers hold 12 sums with fused multiply-adds, and 10 where the product needs a register too. */
export const ROWS = { relaxed: 6, plain: 5 };
const VARIANTS = [6, 5, 4, 1];

const each = (rows, text, separator = '\n') =>
  Array.from({ length: rows }, (_, row) => text(row)).join(separator);

/** The loop over the reduction: a row of eight weights times one value of each row of the tile. */
const reduction = (rows, value, advance) => `
  for (let k = depth; k > 0; k--) {
    const low = v128.load(weights), high = v128.load(weights, 16);
${each(
  rows,
  (i) =>
    `    { const value = v128.load32_splat(${value(i)}); s${i} = multiplyAdd(value, low, s${i}); t${i} = multiplyAdd(value, high, t${i}); }`,
)}
    ${advance}
  }`;
const pointers = (rows) => each(rows, (i) => `p${i} += 4;`, ' ');

/**
 * A step of a convolution: the sums at \`from\`, [rows][8], and what one tap of the filter adds to them, to \`to\`. The
 * rows are pixels of the image, of which \`table\` holds the addresses.
 */
const addTile = (rows) => `
function addTile${rows}(table: usize, skip: usize, depth: i32, weights: usize, from: usize, to: usize): void {
${each(rows, (i) => `  let s${i} = v128.load(from, ${32 * i}), t${i} = v128.load(from, ${32 * i + 16});`)}
${each(rows, (i) => `  let p${i} = <usize>load<u32>(table, ${4 * i}) + skip;`)}
${reduction(rows, (i) => `p${i}`, `${pointers(rows)} weights += 32;`)}
${each(rows, (i) => `  v128.store(to, s${i}, ${32 * i}); v128.store(to, t${i}, ${32 * i + 16});`)}
}`;

/** A tile of a matrix product: rows that lie \`rowStride\` bytes apart, times depth × 8 weights. */
const multiplyTile = (rows) => `
function multiplyTile${rows}(a: usize, rowStride: usize, depth: i32, weights: usize, out: usize, outStride: usize): void {
${each(rows, (i) => `  let s${i} = f32x4.splat(0), t${i} = s${i}, p${i} = a + ${i} * rowStride;`)}
${reduction(rows, (i) => `p${i}`, `${pointers(rows)} weights += 32;`)}
${each(rows, (i) => `  v128.store(out, s${i}); v128.store(out, t${i}, 16);${i + 1 < rows ? ' out += outStride;' : ''}`)}
}`;

/** Adds a sum of outer products to \`out\`: \`rows\` channels of x times eight of y, over \`depth\` pixels. */
const outerTile = (rows) => `
function outerTile${rows}(x: usize, xStep: usize, depth: i32, weights: usize, yStep: usize, out: usize, outStride: usize): void {
  let o = out;
${each(rows, (i) => `  let s${i} = v128.load(o), t${i} = v128.load(o, 16);${i + 1 < rows ? ' o += outStride;' : ''}`)}
${reduction(rows, (i) => `x, ${4 * i}`, 'x += xStep; weights += yStep;')}
  o = out;
${each(rows, (i) => `  v128.store(o, s${i}); v128.store(o, t${i}, 16);${i + 1 < rows ? ' o += outStride;' : ''}`)}
}`;

/** Sums of products of bytes: `rows` packed pixels that lie \`rowBytes\` apart, times eight columns; to `sums`, int32 [rows][8]. */
const multiplyInt8 = (rows) => `
function multiplyInt8${rows}(a: usize, rowBytes: usize, steps: i32, weights: usize, sums: usize): void {
${each(rows, (i) => `  let s${i} = i32x4.splat(0), t${i} = s${i}, p${i} = a + ${i} * rowBytes;`)}
  for (let k = steps; k > 0; k--) {
${[0, 1]
  .map(
    (half) => `    {
      const low = v128.load(weights, ${32 * half}), high = v128.load(weights, ${32 * half + 16});
${each(
  rows,
  (i) =>
    `      { const value = v128.load32_splat(p${i}, ${4 * half}); s${i} = dotInt8(low, value, s${i}); t${i} = dotInt8(high, value, t${i}); }`,
)}
    }`,
  )
  .join('\n')}
${each(rows, (i) => `    p${i} += 8;`)}
    weights += 64;
  }
${each(rows, (i) => `  v128.store(sums, s${i}, ${32 * i}); v128.store(sums, t${i}, ${32 * i + 16});`)}
}`;

/** Calls the variant for a number of rows. */
const choice = (name, parameters) => {
  const names = parameters.match(/\w+(?=:)/g).join(', ');
  const call = (rows) => `${name}${rows}(${names})`;
  return `
@inline
export function ${name}(rows: i32, ${parameters}): void {
  if (ASC_FEATURE_RELAXED_SIMD && rows == ${ROWS.relaxed}) ${call(ROWS.relaxed)};
  else if (!ASC_FEATURE_RELAXED_SIMD && rows == ${ROWS.plain}) ${call(ROWS.plain)};
  else if (rows == 4) ${call(4)};
  else ${call(1)};
}`;
};

/** The text of assembly/generated/tiles.ts. */
export function tiles() {
  return `// Made by build/tiles.mjs.
import { multiplyAdd } from '../vectors';

/** The rows of the largest tile. */
export const ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? ${ROWS.relaxed} : ${ROWS.plain};

/** The rows of the tile to take where so many are left. */
@inline
export function tileRows(left: i32): i32 {
  return left >= ROWS ? ROWS : left >= 4 ? 4 : 1;
}
${choice('addTile', 'table: usize, skip: usize, depth: i32, weights: usize, from: usize, to: usize')}
${choice('multiplyTile', 'a: usize, rowStride: usize, depth: i32, weights: usize, out: usize, outStride: usize')}
${choice('outerTile', 'x: usize, xStep: usize, depth: i32, weights: usize, yStep: usize, out: usize, outStride: usize')}
${[addTile, multiplyTile, outerTile].flatMap((kind) => VARIANTS.map(kind)).join('\n')}

/** Bytes that a value of a packed pixel takes. */
export const INT8_BYTES: usize = ASC_FEATURE_RELAXED_SIMD ? 1 : 2;

/** Sums and products of the weights' four columns and the pixel's values, which are the same for each. */
@inline
function dotInt8(weights: v128, values: v128, sums: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, values, sums);
  return i32x4.add(sums, i32x4.dot_i16x8_s(weights, values));
}
${choice('multiplyInt8', 'a: usize, rowBytes: usize, steps: i32, weights: usize, sums: usize')}
${VARIANTS.map(multiplyInt8).join('\n')}
`;
}
