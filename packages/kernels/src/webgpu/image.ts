/** The images in the buffer `image`, as WGSL sees them: their sizes as u32, and whether channels are a multiple of four. */
export interface Images {
  height: string;
  width: string;
  channels: string;
  isWhole: boolean;
}

/** WGSL for how many vectors of four channels a pixel has; what is left of the last one is zeros. */
export const vectorsOf = ({ channels, isWhole }: Images): string =>
  isWhole ? `(${channels} / 4)` : `((${channels} + 3) / 4)`;

/**
 * Declares `imageAt(pixel: Pixel, tap: Tap)`: four channels of the buffer `image`, which consists of vectors where pixels do, at the tap's
 * position, relative to the pixel; and `imageHas(pixel, tap)`, which says whether this is in the image. `pixelAt(image, row, column)` and
 * `tapAt(row, column, vector)` make these. A row of OUTSIDE in one of them is outside.
 *
 * @param isChecked whether anything can be outside
 */
export function readImage(images: Images, { isChecked }: { isChecked: boolean }): string {
  const { height, width, channels, isWhole } = images;
  const unit = isWhole ? `(${channels} / 4)` : channels;
  const parts = Array.from({ length: 4 }, (_, part) => `image[at + ${part}]`);
  const value = isWhole
    ? 'image[at]'
    : `select(vec4f(), vec4f(${parts.join(', ')}), 4 * tap.vector + vec4u(0, 1, 2, 3) < vec4u(${channels}))`;
  return `
    const OUTSIDE = 0x40000000;
    struct Pixel { row: i32, column: i32, at: u32 }
    struct Tap { row: i32, column: i32, at: u32, vector: u32 }
    fn pixelAt(image: u32, row: i32, column: i32) -> Pixel {
      return Pixel(row, column, ((image * ${height} + u32(row)) * ${width} + u32(column)) * ${unit});
    }
    fn tapAt(row: i32, column: i32, vector: u32) -> Tap {
      return Tap(row, column, (u32(row) * ${width} + u32(column)) * ${unit} + vector${isWhole ? '' : ' * 4'}, vector);
    }
    fn imageAt(pixel: Pixel, tap: Tap) -> vec4f {
      let at = pixel.at + tap.at;
      return ${value};
    }
    fn imageHas(pixel: Pixel, tap: Tap) -> bool {
      // A negative number is a large unsigned one.
      return ${isChecked ? `u32(pixel.row + tap.row) < ${height} && u32(pixel.column + tap.column) < ${width}` : 'true'};
    }`;
}
