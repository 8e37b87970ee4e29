/** A part of a JPEG file from its marker on; `content` is where what follows its length begins. */
export interface JpegSegment {
  marker: number;
  start: number;
  content: number;
  end: number;
}

const ALONE = [0x00, 0x01, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7];
const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/**
 * The segments of a JPEG file before its first scan. Bytes between them are skipped, as libjpeg does.
 *
 * @throws RangeError where the file is cut off
 */
export function* jpegSegments(view: DataView): Generator<JpegSegment, undefined> {
  let position = 2;
  for (;;) {
    while (view.getUint8(position) !== 0xff) position++;
    while (view.getUint8(position) === 0xff) position++;
    const marker = view.getUint8(position++);
    if (ALONE.includes(marker)) continue;
    if ([START_OF_IMAGE, END_OF_IMAGE, START_OF_SCAN].includes(marker)) return undefined;
    const end = position + Math.max(2, view.getUint16(position));
    yield { marker, start: position - 2, content: position + 2, end };
    position = end;
  }
}
