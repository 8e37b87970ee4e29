import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import { SaxesParser } from 'saxes';
import type { Box } from '../object-table.js';

/** Far more than any annotation has: a file is some 300 bytes an object. */
const MOST_OBJECTS = 10_000;
const MOST_LEVELS = 16;
const MOST_ELEMENTS = 500_000;
const MOST_TEXT = 1000;

/** An object as it stands in a file. */
export interface VocObject {
  name: string;
  /** xmin, ymin, xmax, ymax. */
  box: Box;
  difficult: boolean;
}

/** A file of annotations in the layout of PASCAL VOC. */
export interface VocAnnotation {
  /** Of the image; undefined if it is not given or zero, as some programs write. */
  size: readonly [height: number, width: number] | undefined;
  /** '' if there is none. */
  database: string;
  objects: VocObject[];
}

const SIDES = ['xmin', 'ymin', 'xmax', 'ymax'] as const;

/** The elements that are read, by their path; all others are skipped. A `<part>` has a name and a box of its own. */
const READ = new Set([
  ...['source/database', 'size/width', 'size/height', 'object/name', 'object/difficult'],
  ...SIDES.map((side) => `object/bndbox/${side}`),
]);

/**
 * Reads XML of PASCAL VOC. Document types, and so entities of a file's own, are refused.
 *
 * @param source the file's name, for messages
 * @throws DATA_INVALID, naming the object, if it is anything else
 */
export function parseVoc(text: string, source: string): VocAnnotation {
  const invalid = (problem: string, cause?: unknown) =>
    new ResnetError('DATA_INVALID', `'${source}' must be an annotation of PASCAL VOC, found ${problem}.`, {
      cause,
    });
  const result: VocAnnotation = { size: undefined, database: '', objects: [] };
  const path: string[] = [];
  let fields = new Map<string, string>();
  let size: Record<string, string> = {};
  let value: string | undefined;
  let elements = 0;

  const open = (name: string) => {
    if (path.length === 0 && name !== 'annotation')
      throw invalid(`<${quote(name)}> in place of <annotation>`);
    if (path.length >= MOST_LEVELS) throw invalid(`elements nested more than ${MOST_LEVELS} levels deep`);
    if (++elements > MOST_ELEMENTS) throw invalid(`more than ${MOST_ELEMENTS} elements`);
    if (path.length === 1 && name === 'object') fields = new Map();
    path.push(name);
    value = READ.has(path.slice(1).join('/')) ? '' : undefined;
  };
  const close = () => {
    const at = path.slice(1).join('/');
    path.pop();
    if (at === 'object') {
      if (result.objects.length >= MOST_OBJECTS) throw invalid(`more than ${MOST_OBJECTS} objects`);
      result.objects.push(
        objectOf(fields, (problem) => invalid(`object ${result.objects.length + 1} ${problem}`)),
      );
    }
    if (value === undefined || !READ.has(at)) return;
    const key = at.slice(at.lastIndexOf('/') + 1);
    if (at.startsWith('object/')) {
      if (fields.has(key)) throw invalid(`object ${result.objects.length + 1} with more than one <${key}>`);
      fields.set(key, value.trim());
    } else if (at === 'source/database') result.database = value.trim();
    else size = { ...size, [key]: value.trim() };
    value = undefined;
  };

  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => open(name));
  parser.on('closetag', close);
  const addText = (piece: string) => {
    if (value === undefined) return;
    value += piece;
    if (value.length > MOST_TEXT) throw invalid(`more than ${MOST_TEXT} characters in <${path.at(-1)}>`);
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('doctype', () => {
    throw invalid('a document type, which is not read');
  });
  parser.on('error', (error) => {
    throw invalid(`no XML: ${quote(error.message)}`, error);
  });
  parser.write(text).close();
  return { ...result, size: sizeOf(size, invalid) };
}

function objectOf(fields: ReadonlyMap<string, string>, invalid: (problem: string) => ResnetError): VocObject {
  const name = fields.get('name');
  if (name === undefined || name === '') throw invalid('without a <name>');
  const box = SIDES.map((side) => {
    const number = numberOf(fields.get(side) ?? '');
    if (number !== undefined) return number;
    const found = fields.has(side) ? `<${side}> of ${quote(fields.get(side)!)}, no number` : `no <${side}>`;
    throw invalid(`(${quote(name)}) whose <bndbox> has ${found}`);
  }) as unknown as Box;
  const difficult = fields.get('difficult') ?? '0';
  if (difficult !== '0' && difficult !== '1' && difficult !== '') {
    throw invalid(`(${quote(name)}) whose <difficult> is ${quote(difficult)}, neither 0 nor 1`);
  }
  return { name, box, difficult: difficult === '1' };
}

/** Numbers as people and programs write them; VOC2012 has some with decimals. */
function numberOf(text: string): number | undefined {
  return /^[+-]?(\d{1,9}(\.\d{0,30})?|\.\d{1,30})(e[+-]?\d{1,2})?$/i.test(text) ? Number(text) : undefined;
}

function sizeOf(
  { height = '', width = '' }: Record<string, string>,
  invalid: (problem: string) => ResnetError,
): VocAnnotation['size'] {
  if (height === '' && width === '') return undefined;
  const size = [numberOf(height), numberOf(width)] as const;
  const isSide = (side: number | undefined): side is number => Number.isInteger(side) && side! >= 0;
  if (!isSide(size[0]) || !isSide(size[1])) {
    throw invalid(`a <size> of ${quote(height)} x ${quote(width)}, no two integers`);
  }
  return size[0] === 0 || size[1] === 0 ? undefined : [size[0], size[1]];
}
