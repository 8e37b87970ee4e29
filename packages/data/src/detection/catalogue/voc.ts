import { readVoc } from '../voc/read-voc.js';
import { vocFolder, vocLists } from '../voc/voc-folder.js';
import { type DetectionEntry, trainingPart } from './detection-entry.js';

export const voc: DetectionEntry = {
  description: 'a folder with Annotations and JPEGImages, as PASCAL VOC has',
  async recognizes({ isFolder, path }) {
    return isFolder && (await vocFolder(path, undefined).catch(() => undefined)) !== undefined;
  },
  async open(path, { part }) {
    const folder = await vocFolder(path, undefined);
    const chosen = part ?? trainingPart((await vocLists(folder)).parts);
    return readVoc(folder, chosen === undefined ? {} : { part: chosen });
  },
};
