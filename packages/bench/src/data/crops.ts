import { median } from '../measuring/median.js';
import { cell, printTable, speedup } from '../measuring/table.js';
import { runScript } from '../measuring/turns.js';

const LANGUAGES = ['javascript', 'webassembly'] as const;

/** Prints the time of crops of an image of usual size, in JavaScript and WebAssembly. */
export function benchmarkCrops(turns: number): void {
  const results = LANGUAGES.map((): Record<string, number>[] => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [index, language] of LANGUAGES.entries()) {
      results[index]!.push(runScript('measure-crops', [language]) as Record<string, number>);
    }
  }
  console.log('\nCrops of 224 × 224 × 3 of an image of 375 × 500, one thread, ms.\n');
  const rows = Object.keys(results[0]![0]!).map((name) => {
    const [javascript, webassembly] = results.map((list) => median(list.map((times) => times[name]!)));
    return [name, cell(javascript, 2), cell(webassembly, 2), speedup(javascript, webassembly!)];
  });
  printTable(['', 'JavaScript', 'WebAssembly', 'times as fast'], rows);
}
