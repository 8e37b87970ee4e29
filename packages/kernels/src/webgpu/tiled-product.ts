import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Along, DEPTH, type Factor, factorOf } from './factor.js';
import { run, type Shader } from './shader.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';
import { invocationsOf, type Tile, tilesOf } from './tile.js';

export interface Product {
  tile: Tile;
  left: Along;
  right: Along;
  /**
   * WGSL that declares
   *
   * - `struct Tile`, with its `row` and `column` (counted in tiles), and the sum's `begin` and `end`, multiples of DEPTH from 0 on
   * - `tileOf(index: u32) -> Tile`
   * - `alias LeftSide`, `leftSide(index: u32, tile: Tile) -> LeftSide`: a row, or the first of four, counted in fours
   * - `alias LeftDepth`, `leftDepth(index: u32, tile: Tile) -> LeftDepth`: a product of the sum, or the first of four, counted in fours
   * - `leftAt(side: LeftSide, depth: LeftDepth) -> vec4f`, and `leftHas` with the same parameters, which says whether these are not zeros
   *   instead, as they have to be behind the end of the sum. It is separate so that nothing waits for the numbers before they are used.
   * - the same for the right, whose sides are the indices of columns themselves
   * - `alias Column`, `columnOf(index: u32) -> Column`: the first of four columns, counted in fours
   * - `store(row: u32, column: Column, sums: vec4f, tile: Tile)`, which has to see whether they are in the matrix
   */
  declarations: string;
}

/** Tells apart the shaders of a name by their tile and by all that is true of them. */
export function keyOf(name: string, { tile, ...kind }: { tile: Tile } & object): string {
  const parts = Object.entries(kind).map(([part, value]) =>
    value === true ? part : value === false ? '' : value,
  );
  return [name, `${tile.rows}x${tile.columns}`, ...parts.flat()].filter(Boolean).join(' ');
}

/** The body of a shader that computes a product of matrices by tiles, one a workgroup; the uniform `tiles` says how many. */
export function tiledProduct({ tile, left, right, declarations }: Product): string {
  const { rows, columns, rowsEach, columnsEach } = tile;
  const invocations = invocationsOf(tile);
  const factors = [
    factorOf({
      name: 'left',
      along: left,
      size: rows,
      tile: 'tile.row',
      invocations,
      sideOf: (index) => `leftSide(${index}, tile)`,
    }),
    factorOf({
      name: 'right',
      along: right,
      size: columns,
      tile: 'tile.column',
      invocations,
      sideOf: (index) => index,
    }),
  ];
  const each = (part: keyof Factor) => factors.map((factor) => factor[part]).join('\n');
  return `
    ${declarations}
    var<workgroup> leftTile: array<array<vec4f, ${rows / 4}>, ${DEPTH}>;
    var<workgroup> rightTile: array<array<vec4f, ${columns / 4}>, ${DEPTH}>;
    fn main(local: vec2u, group: vec2u, groups: vec2u) {
      let index = group.y * groups.x + group.x;
      if (index >= uniforms.tiles) { return; }
      let tile = tileOf(index);
      let invocation = local.x;
      // By powers of two, so that compilers see how large they can be.
      let down = (invocation / ${columns / columnsEach}) & ${rows / rowsEach - 1};
      let across = invocation & ${columns / columnsEach - 1};
      ${each('prepared')}
      ${sumsOf(tile)
        .map(({ name }) => `var ${name} = vec4f();`)
        .join('\n')}
      for (var depth = tile.begin; depth < tile.end + ${DEPTH}; depth += ${DEPTH}) {
        // The next ones, as reading takes as long as hundreds of multiply-adds.
        ${each('read')}
        if (depth > tile.begin) {
          ${Array.from({ length: DEPTH }, (_, step) => multiplyAdds(tile, step)).join('\n')}
        }
        workgroupBarrier();
        ${each('kept')}
        workgroupBarrier();
      }
      ${stores(tile)}
    }`;
}

/**
 * Runs a shader of `tiledProduct`.
 *
 * @param times how many products of rows × columns there are
 */
export function runTiles(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  given: {
    buffers: Record<string, TensorInfo>;
    uniforms: Record<string, number>;
    tile: Tile;
    rows: number;
    columns: number;
    times?: number;
  },
): void {
  const { buffers, tile, rows, columns, times = 1 } = given;
  const tiles = times * tilesOf(tile, rows, columns);
  const most = backend.device.limits.maxComputeWorkgroupsPerDimension;
  run(
    backend,
    {
      ...shader,
      uniforms: { ...shader.uniforms, tiles: 'u32' },
      workgroup: [invocationsOf(tile), 1],
    },
    {
      buffers,
      uniforms: { ...given.uniforms, tiles },
      workgroups: [Math.min(tiles, most), Math.ceil(tiles / most)],
    },
  );
}

/**
 * The sums of an invocation, four columns each. Its rows and columns come in fours from each half of the tile, so that neighboring
 * invocations read neighboring vectors of the workgroup's memory.
 */
function sumsOf({ rows, columns, rowsEach, columnsEach }: Tile) {
  const [halves, sides] = [rowsEach / 4, columnsEach / 4];
  return Array.from({ length: rowsEach * sides }, (_, index) => {
    const [row, side] = [Math.floor(index / sides), index % sides];
    const half = Math.floor(row / 4);
    return {
      name: `sum${row}x${side}`,
      side,
      half,
      component: 'xyzw'[row % 4]!,
      /** In the tile. */
      row: `4 * down + ${(half * rows) / halves + (row % 4)}`,
      left: `down + ${(half * rows) / halves / 4}`,
      right: `across + ${(side * columns) / sides / 4}`,
    };
  });
}

/** A step of the sums. Each is written out, so that addresses in the workgroup's memory are constants. */
function multiplyAdds(tile: Tile, step: number): string {
  const sums = sumsOf(tile);
  const factors = new Set([
    ...sums.map(({ half, left }) => `let a${half} = leftTile[${step}][${left}];`),
    ...sums.map(({ side, right }) => `let b${side} = rightTile[${step}][${right}];`),
  ]);
  const lines = sums.map(
    ({ name, half, side, component }) => `${name} = fma(vec4f(a${half}.${component}), b${side}, ${name});`,
  );
  return `{ ${[...factors, ...lines].join('\n')} }`;
}

function stores(tile: Tile): string {
  const sums = sumsOf(tile);
  const columns = new Set(
    sums.map(
      ({ side, right }) => `let column${side} = columnOf(tile.column * ${tile.columns / 4} + ${right});`,
    ),
  );
  const lines = sums.map(
    ({ name, row, side }) => `store(tile.row * ${tile.rows} + ${row}, column${side}, ${name}, tile);`,
  );
  return [...columns, ...lines].join('\n');
}
