/** A part of a product of matrices: what a workgroup computes, and what each of its invocations does. */
export interface Tile {
  rows: number;
  columns: number;
  /** The sums that an invocation keeps in registers; multiples of four. */
  rowsEach: number;
  columnsEach: number;
  /** The time for one of its products, relative to those of other tiles: larger tiles read less for each. */
  cost: number;
}

const TILES: readonly Tile[] = [
  { rows: 128, columns: 64, rowsEach: 8, columnsEach: 8, cost: 1 },
  { rows: 64, columns: 64, rowsEach: 8, columnsEach: 4, cost: 1.1 },
  { rows: 128, columns: 32, rowsEach: 8, columnsEach: 4, cost: 1.15 },
  { rows: 64, columns: 32, rowsEach: 4, columnsEach: 4, cost: 1.3 },
  { rows: 128, columns: 16, rowsEach: 8, columnsEach: 4, cost: 1.3 },
  { rows: 64, columns: 16, rowsEach: 4, columnsEach: 4, cost: 1.5 },
  { rows: 32, columns: 32, rowsEach: 4, columnsEach: 4, cost: 1.5 },
];

/** Enough workgroups for all cores of a large GPU. */
export const ENOUGH_WORKGROUPS = 256;

export const invocationsOf = ({ rows, columns, rowsEach, columnsEach }: Tile): number =>
  (rows / rowsEach) * (columns / columnsEach);

export const tilesOf = ({ rows, columns }: Tile, height: number, width: number): number =>
  Math.ceil(height / rows) * Math.ceil(width / columns);

/**
 * The tile for a product of height × width numbers.
 *
 * @param isDivisible whether the depth can be shared among workgroups too, so that there are always enough of them
 */
export function tileFor(height: number, width: number, { isDivisible }: { isDivisible: boolean }): Tile {
  const timeOf = (tile: Tile) => {
    const tiles = tilesOf(tile, height, width);
    return (isDivisible ? tiles : Math.max(tiles, ENOUGH_WORKGROUPS)) * tile.rows * tile.columns * tile.cost;
  };
  return TILES.reduce((best, tile) => (timeOf(tile) < timeOf(best) ? tile : best));
}
