/** Products of each sum whose factors a workgroup keeps in its memory at a time. */
export const DEPTH = 16;

/**
 * Where four numbers of a matrix that are read at once lie: next to each other in the sum ('depth'), or in four rows or columns ('side').
 */
export type Along = 'depth' | 'side';

interface FactorOptions {
  name: 'left' | 'right';
  along: Along;
  /** Rows or columns of the tile. */
  size: number;
  /** WGSL for the tile's row or column, counted in tiles. */
  tile: string;
  /** WGSL for what is known of a row or column, or of four of them, from its index. */
  sideOf(index: string): string;
  invocations: number;
}

/**
 * WGSL by which an invocation gets its share of a factor into the workgroup's memory: what is the same in the whole sum, then for each
 * step, from the variable `depth` on, reading it and keeping it. Neighboring invocations read neighboring vectors.
 */
export interface Factor {
  prepared: string;
  read: string;
  kept: string;
}

export function factorOf({ name, along, size, tile, invocations, sideOf }: FactorOptions): Factor {
  const isTransposed = along === 'depth';
  // What an invocation reads in a step has one depth, which takes longest to find. All numbers here are powers of two, which shows
  // compilers how large indices can be.
  const depths = isTransposed ? DEPTH / 4 : DEPTH;
  const others = invocations / depths;
  const depth = isTransposed ? `(invocation & ${depths - 1})` : `((invocation / ${others}) & ${depths - 1})`;
  const side = isTransposed ? `((invocation / ${depths}) & ${others - 1})` : `(invocation & ${others - 1})`;
  const width = isTransposed ? size : size / 4;
  const reads = Array.from({ length: width / others }, (_, read) => read);
  const each = (code: (read: number) => string) => reads.map(code).join('\n');
  return {
    prepared: each(
      (read) => `let ${name}Side${read} = ${sideOf(`${tile} * ${width} + ${side} + ${read * others}`)};`,
    ),
    read: `
      let ${name}Step = ${name}Depth(depth${isTransposed ? ' / 4' : ''} + ${depth}, tile);
      ${each(
        (read) => `
          let ${name}${read} = ${name}At(${name}Side${read}, ${name}Step);
          let ${name}Has${read} = ${name}Has(${name}Side${read}, ${name}Step);`,
      )}`,
    kept: each((read) => {
      const value = `select(vec4f(), ${name}${read}, ${name}Has${read})`;
      if (!isTransposed) return `${name}Tile[${depth}][${side} + ${read * others}] = ${value};`;
      const stores = Array.from({ length: 4 }, (_, part) => {
        const vector = `${name}Tile[4 * ${depth} + ${part}][${side} / 4 + ${(read * others) / 4}]`;
        return `${vector}[${side} & 3] = value[${part}];`;
      });
      return `{ let value = ${value}; ${stores.join(' ')} }`;
    }),
  };
}
