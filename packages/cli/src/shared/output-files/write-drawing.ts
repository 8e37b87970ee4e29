import { extname } from 'node:path';
import { ResnetError } from '@resnet/core';
import { writeWholeFile } from '@resnet/files/node';
import type { Io } from '../terminal/io.js';
import { checkOutput, type OutputOptions, replacing } from './output-file.js';
import { svgToPng } from './svg-to-png.js';

/** Refuses a file that no drawing can be written to, before there is one. @throws OPTION_INVALID, FILE_UNWRITABLE */
export async function checkDrawing(out: string, options: OutputOptions): Promise<void> {
  if (!/^\.(svg|png)$/i.test(extname(out))) {
    throw new ResnetError('OPTION_INVALID', `--out must end in .svg or .png, found '${out}'.`);
  }
  await checkOutput(out, options);
}

/** Writes an SVG document as what the file's name ends in. @throws PACKAGE_MISSING, FILE_UNWRITABLE */
export async function writeDrawing(
  out: string,
  svg: string,
  options: OutputOptions,
  io: Pick<Io, 'signal'>,
): Promise<void> {
  const contents = extname(out).toLowerCase() === '.png' ? await svgToPng(svg) : svg;
  await writeWholeFile(out, contents, replacing(options, io));
}
