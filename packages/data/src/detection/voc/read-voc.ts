import { join } from 'node:path';
import { ResnetError, unknownName } from '@resnet/core';
import { quote } from '@resnet/files';
import { readRegularFile, unreadable } from '@resnet/files/node';
import { byCodePoint } from '../../folders/by-code-point.js';
import { byExtension, IgnoredFilesCounter } from '../../folders/ignored-files.js';
import { countOthers, isImageName, listFolder } from '../../folders/image-files.js';
import { readAhead } from '../../loading/read-ahead.js';
import type { DetectionDataset } from '../detection-dataset.js';
import { fileObjects } from '../file-objects.js';
import { imageSize } from '../image-size.js';
import { missingFiles } from '../missing-files.js';
import { type Box, ObjectTable } from '../object-table.js';
import { repairedBox } from '../repair-box.js';
import { VOC_CLASSES } from './classes.js';
import { parseVoc, type VocAnnotation, type VocObject } from './parse-voc.js';
import { readIds, vocFolder, vocLists } from './voc-folder.js';

/** Far more than VOC's files have, which are 2 KB. */
const MOST_XML_BYTES = 2 ** 22;
/** Files that are read at a time. */
const AT_ONCE = 16;

export interface VocOptions {
  /**
   * A list in ImageSets/Main: 'train', 'val', 'trainval', 'test', or that of a class ('cat_train': the images that hold it). Without
   * such lists, all annotations are read.
   */
  part?: string;
  /** Of VOCdevkit with several of them: '2007'. */
  year?: string;
  /** Whether difficult objects are kept, and marked; true by default. Detectors are usually trained without them and tested with them. */
  includeDifficult?: boolean;
  /**
   * The number of the first pixel in the annotations: 1, as in VOC, by default, or 0, as some programs write. The last pixel of a
   * box belongs to it in both cases.
   */
  firstPixel?: 0 | 1;
}

/**
 * Opens a set in the layout of PASCAL VOC: Annotations, JPEGImages and ImageSets/Main in one folder. All annotations are read at once.
 *
 * A box is (xmin - 1, ymin - 1, xmax, ymax), as VOC counts pixels from 1 and both ends belong to it. Boxes of size zero are left
 * out, and boxes beyond the image clipped; `repaired` counts both. Classes are VOC's 20 in their usual order if the set says that it
 * is VOC's and has no others; else those of all annotations in the folder, whatever the part, by code point.
 *
 * @throws DATA_MISSING if there is no such folder, annotation or image; DATA_INVALID, naming file and object, if an annotation is
 *   no such XML; OPTION_INVALID if a part or a year has to be chosen; UNKNOWN_NAME for an unknown part; FILE_UNREADABLE
 */
export async function readVoc(path: string, options: VocOptions = {}): Promise<DetectionDataset> {
  const { part, year, includeDifficult = true, firstPixel = 1 } = options;
  if (firstPixel !== 0 && firstPixel !== 1) {
    throw new ResnetError('OPTION_INVALID', `firstPixel must be 0 or 1, found ${firstPixel}.`);
  }
  const folder = await vocFolder(path, year);
  const ignored = new IgnoredFilesCounter();
  const all = await annotationIds(folder, ignored);
  const { ids, classesOfLists } = await idsOf(folder, part, all);
  const paths = await imagePaths(folder, ids, part === undefined ? ignored : undefined);
  const annotations = await parseAll(folder, ids);
  const chosen = new Set(ids);
  // Lists of classes spare reading what belongs to other parts.
  const others = classesOfLists.length > 0 ? [] : all.filter((id) => !chosen.has(id));
  const classes = classesOf(classesOfLists, [...annotations, ...(await parseAll(folder, others))]);
  const sizes: (readonly [number, number])[] = [];
  for (const [image, { size }] of annotations.entries()) sizes.push(size ?? (await imageSize(paths[image]!)));

  const labels = new Map(classes.map((name, label) => [name, label]));
  const repaired = new IgnoredFilesCounter();
  const table = new ObjectTable();
  for (const [image, { objects }] of annotations.entries()) {
    for (const [number, object] of objects.entries()) {
      const { name, difficult } = object;
      if (difficult && !includeDifficult) continue;
      const where = `${ids[image]}.xml object ${number + 1} (${quote(name)})`;
      const label = labels.get(name);
      if (label === undefined) throw unknownClass(folder, where, classes);
      const box = boxOf(object, sizes[image]!, firstPixel, where, repaired);
      if (box) table.add({ image, label, box, difficult });
    }
  }
  return fileObjects({
    name: part === undefined ? folder : `${folder} ${part}`,
    classes,
    names: ids,
    paths,
    sizes,
    objects: table.byImage(ids.length, ['difficult']),
    ignored: ignored.list(),
    repaired: repaired.list(),
  });
}

/** The names of all annotations, without their ending. */
async function annotationIds(folder: string, ignored: IgnoredFilesCounter): Promise<string[]> {
  const { files, ...others } = await listFolder(join(folder, 'Annotations'));
  countOthers(others, 'Annotations', ignored);
  const isXml = (name: string) => name.endsWith('.xml');
  for (const name of files) if (!isXml(name)) ignored.add(byExtension(name), `Annotations/${name}`);
  return files.filter(isXml).map((name) => name.slice(0, -4));
}

/** The images of a part, and the classes that have lists. */
async function idsOf(folder: string, part: string | undefined, all: readonly string[]) {
  const { parts, ofClasses } = await vocLists(folder);
  const classesOfLists = [...new Set(ofClasses.values())];
  if (part === undefined) {
    if (parts.length === 0) return { ids: all, classesOfLists };
    throw new ResnetError(
      'OPTION_INVALID',
      `'${folder}' has the parts ${parts.join(', ')}. Choose one as the part.`,
    );
  }
  if (![...parts, ...ofClasses.keys()].includes(part)) throw unknownName('part', part, parts);
  const ids = await readIds(folder, part);
  const known = new Set(all);
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length > 0) throw missingFiles(folder, `Annotations of '${part}'`, missing);
  return { ids, classesOfLists };
}

/** @param ignored counts images without an annotation, where all annotations are read */
async function imagePaths(
  folder: string,
  ids: readonly string[],
  ignored: IgnoredFilesCounter | undefined,
): Promise<string[]> {
  const { files } = await listFolder(join(folder, 'JPEGImages'));
  const wanted = new Set(ids);
  const found = new Map<string, string>();
  for (const name of files) {
    const stem = name.slice(0, Math.max(0, name.lastIndexOf('.')));
    if (!isImageName(name)) ignored?.add(byExtension(name), `JPEGImages/${name}`);
    else if (!wanted.has(stem)) ignored?.add('without an annotation', `JPEGImages/${name}`);
    else if (!found.has(stem)) found.set(stem, name);
    else {
      throw new ResnetError(
        'DATA_INVALID',
        `'${folder}' must have one image for each annotation, found '${found.get(stem)}' and '${name}'. Remove one.`,
      );
    }
  }
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0) throw missingFiles(folder, 'JPEGImages', missing);
  return ids.map((id) => join(folder, 'JPEGImages', found.get(id)!));
}

async function parseAll(folder: string, ids: readonly string[]): Promise<VocAnnotation[]> {
  const annotations: VocAnnotation[] = [];
  const parse = async (index: number) => {
    const path = join(folder, 'Annotations', `${ids[index]}.xml`);
    const bytes = await readRegularFile(path, MOST_XML_BYTES).catch((cause) => {
      throw unreadable(path, cause);
    });
    return parseVoc(utf8(bytes, path), path);
  };
  for await (const annotation of readAhead(0, ids.length, parse, { ahead: AT_ONCE }))
    annotations.push(annotation);
  return annotations;
}

function utf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ResnetError(
      'DATA_INVALID',
      `'${path}' must be an annotation of PASCAL VOC in UTF-8, found other bytes.`,
      {
        cause,
      },
    );
  }
}

/** @param ofLists the classes that have lists, which then are all */
function classesOf(ofLists: readonly string[], annotations: readonly VocAnnotation[]): readonly string[] {
  const used = annotations.flatMap(({ objects }) => objects.map(({ name }) => name));
  const names = [...new Set(ofLists.length > 0 ? ofLists : used)].sort(byCodePoint);
  const saysVoc = ofLists.length > 0 || annotations.some(({ database }) => database.includes('VOC'));
  return saysVoc && names.every((name) => VOC_CLASSES.includes(name)) ? VOC_CLASSES : names;
}

function boxOf(
  { box: [xmin, ymin, xmax, ymax] }: VocObject,
  size: readonly [number, number],
  first: number,
  where: string,
  repaired: IgnoredFilesCounter,
): Box | undefined {
  const hasSize = xmax > xmin && ymax > ymin;
  if (!hasSize) return repairedBox([xmin, ymin, xmax, ymax], size, where, repaired);
  const [x1, y1] = [xmin - first, ymin - first];
  const isFromZero = first === 1 && (x1 === -1 || y1 === -1);
  if (isFromZero) {
    repaired.add(
      'counting pixels from 0, read as from 1 and clipped (firstPixel: 0 reads them as from 0)',
      where,
    );
  }
  const box = [isFromZero ? Math.max(0, x1) : x1, isFromZero ? Math.max(0, y1) : y1] as const;
  return repairedBox([...box, xmax + 1 - first, ymax + 1 - first], size, where, repaired);
}

function unknownClass(folder: string, where: string, classes: readonly string[]): ResnetError {
  return new ResnetError(
    'DATA_INVALID',
    `'${folder}' has lists in ImageSets/Main for the classes ${classes.join(', ')}, but none for ${where}. Add it, or remove all lists ` +
      'of classes.',
  );
}
