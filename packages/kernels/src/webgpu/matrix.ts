/** A matrix in a buffer, as WGSL sees it. */
export interface Matrix {
  name: string;
  /** WGSL for the length of a row, in floats. */
  width: string;
  /** Whether this is a multiple of four; then the buffer consists of vectors. */
  isWhole: boolean;
}

export const isWhole = (width: number): boolean => width % 4 === 0;

/** Declares `<name>At(row, vector)`: four neighbors in a row, zeros behind its end. Vectors are counted from the row's start. */
export function readMatrix({ name, width, isWhole }: Matrix): string {
  const parts = Array.from({ length: 4 }, (_, part) => `${name}[first + ${part}]`);
  return isWhole
    ? `fn ${name}At(row: u32, vector: u32) -> vec4f { return ${name}[row * (${width} / 4) + vector]; }`
    : `
      fn ${name}At(row: u32, vector: u32) -> vec4f {
        let first = row * ${width} + 4 * vector;
        return select(vec4f(), vec4f(${parts.join(', ')}), 4 * vector + vec4u(0, 1, 2, 3) < vec4u(${width}));
      }`;
}

/** Declares `<name>Set(row, vector, value)`, which leaves out what is behind the row's end. */
export function writeMatrix({ name, width, isWhole }: Matrix): string {
  const stores = Array.from(
    { length: 4 },
    (_, part) =>
      `if (4 * vector + ${part} < ${width}) { ${name}[row * ${width} + 4 * vector + ${part}] = value[${part}]; }`,
  );
  return `
    fn ${name}Set(row: u32, vector: u32, value: vec4f) {
      ${
        isWhole
          ? `if (vector < ${width} / 4) { ${name}[row * (${width} / 4) + vector] = value; }`
          : stores.join('\n')
      }
    }`;
}
