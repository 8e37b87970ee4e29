import { extname } from 'node:path';
import { ResnetError } from '@resnet/backend';
import { writeWholeFile } from '@resnet/files/node';
import { svgToPng } from './svg-to-png.js';

/** Refuses the name of a file that no drawing can be written to, before there is one. @throws OPTION_INVALID */
export function checkDrawingName(out: string): void {
  if (/^\.(svg|png)$/i.test(extname(out))) return;
  throw new ResnetError('OPTION_INVALID', `--out must end in .svg or .png, found '${out}'.`);
}

/** Writes an SVG document as what the file's name ends in. @throws PACKAGE_MISSING, FILE_UNWRITABLE */
export async function writeDrawing(out: string, svg: string): Promise<void> {
  await writeWholeFile(out, extname(out).toLowerCase() === '.png' ? await svgToPng(svg) : svg);
}
