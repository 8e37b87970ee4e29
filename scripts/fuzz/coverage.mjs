import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';

/**
 * Which lines of the sources have run, by what V8 counted in a bundle of them; lines that hold no code don't count.
 *
 * @param {string} bundle the path of the bundle, with its map beside it
 * @param {{functions: {ranges: {startOffset: number, endOffset: number, count: number}[]}[]}[][]} runs of V8, one a process
 * @returns {Map<string, {covered: Set<number>, all: Set<number>}>} by paths from the folder that the program runs in
 */
export function linesCovered(bundle, runs) {
  const text = readFileSync(bundle, 'utf8');
  const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')));
  const hasRun = new Uint8Array(text.length);
  for (const scripts of runs) {
    const counted = new Int32Array(text.length).fill(-1);
    // Inner ranges follow outer ones, and are more exact.
    for (const { functions } of scripts) {
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) counted.fill(count, startOffset, endOffset);
      }
    }
    for (const [index, count] of counted.entries()) if (count > 0) hasRun[index] = 1;
  }
  const files = new Map();
  let offset = 0;
  for (const [number, line] of text.split('\n').entries()) {
    const column = line.search(/[^\s{}()[\];,]/);
    /** @type {Partial<import('node:module').SourceMapping>} */
    const entry = column < 0 || /^\s*\/\//.test(line) ? {} : map.findEntry(number, column);
    if (entry.originalSource !== undefined) {
      const path = relative(process.cwd(), resolve(dirname(bundle), entry.originalSource));
      const file = files.get(path) ?? { covered: new Set(), all: new Set() };
      files.set(path, file);
      file.all.add(entry.originalLine);
      if (hasRun[offset + column]) file.covered.add(entry.originalLine);
    }
    offset += line.length + 1;
  }
  return files;
}
