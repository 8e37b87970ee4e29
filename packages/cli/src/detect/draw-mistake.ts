import type { LabeledBox, ShownMistake } from '@resnet/charts/page';
import type { Image } from '@resnet/data';
import sharp from 'sharp';

/** Side of a picture, in pixels. */
const SIDE = 300;
/** What is seen around the boxes, as a share of their longer side, and the least side that is seen, in pixels of the image. */
const AROUND = 0.5;
const LEAST = 48;
/** The colors of the page. */
const COLORS = { detected: '#e45756', object: '#4c78a8' };

/** Cuts a mistake out of its image, with the box of the detection and that of the object. @returns a `data:` URL */
export async function drawMistake(image: Image, { detected, object }: ShownMistake): Promise<string> {
  const { pixels, height, width, channels } = image;
  const part = around(
    [detected, object].flatMap((each) => (each ? [each.box] : [])),
    image,
  );
  const scale = SIDE / Math.max(part.width, part.height);
  const size = {
    width: Math.max(1, Math.round(part.width * scale)),
    height: Math.max(1, Math.round(part.height * scale)),
  };
  const rectangle = ({ box }: LabeledBox, color: string, dashes: string) => {
    const [x1, y1, x2, y2] = box;
    const [x, y] = [(x1 - part.left) * scale, (y1 - part.top) * scale];
    return (
      `<rect x="${x}" y="${y}" width="${Math.max(1, (x2 - x1) * scale)}" height="${Math.max(1, (y2 - y1) * scale)}" ` +
      `fill="none" stroke="${color}" stroke-width="3"${dashes}/>`
    );
  };
  const boxes =
    (object ? rectangle(object, COLORS.object, '') : '') +
    (detected ? rectangle(detected, COLORS.detected, ' stroke-dasharray="9 4"') : '');
  const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">${boxes}</svg>`;
  const drawn = await sharp(pixels, { raw: { height, width, channels: channels as 1 | 3 } })
    .extract(part)
    .resize({ ...size, fit: 'fill', kernel: scale > 2 ? 'nearest' : 'lanczos3' })
    .toColourspace('srgb')
    .composite([{ input: Buffer.from(overlay) }])
    .jpeg({ quality: 85, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return `data:image/jpeg;base64,${drawn.toString('base64')}`;
}

/** A square around boxes, as far as the image reaches. */
function around(boxes: readonly LabeledBox['box'][], { height, width }: Image) {
  const [left, top] = [0, 1].map((side) => Math.min(...boxes.map((box) => box[side]!))) as [number, number];
  const [right, bottom] = [2, 3].map((side) => Math.max(...boxes.map((box) => box[side]!))) as [
    number,
    number,
  ];
  const side = Math.max(LEAST, (1 + 2 * AROUND) * Math.max(right - left, bottom - top));
  const span = (from: number, to: number, limit: number) => {
    const first = Math.min(limit - 1, Math.max(0, Math.floor((from + to - side) / 2)));
    const end = Math.max(first + 1, Math.min(limit, Math.ceil((from + to + side) / 2)));
    return [first, end - first] as const;
  };
  const [x, wide] = span(left, right, width);
  const [y, high] = span(top, bottom, height);
  return { left: x, top: y, width: wide, height: high };
}
