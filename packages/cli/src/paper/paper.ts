import { defined, formatCount, formatPercent } from '@resnet/core';
import {
  compareRow,
  type DetectionTable,
  detectionTables,
  type PaperTable,
  type PaperTest,
  paperTables,
  sizesOfRows,
  type TableResult,
  testWeights,
  type WeightsTest,
  type WeightsTests,
} from '@resnet/experiments';
import type { Context } from '../context.js';
import { type BackendChoice, withBackend } from '../shared/backend/with-backend.js';
import { dataSet, type Images } from '../shared/data-sets/data-sets.js';
import { checkName } from '../shared/options/check-name.js';
import { type Bar, startBar } from '../shared/progress/progress-bar.js';
import { whileShown } from '../shared/progress/while-shown.js';
import type { Io } from '../shared/terminal/io.js';
import { printJson, printLine } from '../shared/terminal/print.js';
import { classMapOf } from '../shared/weights/class-map.js';
import { openWeights } from '../shared/weights/open-weights.js';
import { formatDetectionTables } from './format-detection-tables.js';
import { formatTables } from './format-tables.js';

export interface PaperOptions extends BackendChoice {
  table?: string[];
  weights?: string[];
  key?: string;
  cifar10?: string;
  imagenet?: string;
  limit?: number;
  json?: boolean;
}

/** Prints the paper's tables beside what is computed here. */
export async function paper(options: PaperOptions, { io }: Context): Promise<void> {
  const { limit, key, json } = options;
  const paths = [...new Set(options.weights)];
  const [tables, ofDetection] = chosenTables(options.table);
  const data = await openData(options);
  const sizes = await withBackend({ backend: 'cpu' }, io.stderr, async () => sizesOfRows(tables));
  const sources = paths.map((path) => ({
    path,
    open: async () => (await openWeights(path, defined({ key }), io)).model,
  }));
  const { tests, unused, weights, device }: WeightsTests & { device?: string } =
    paths.length === 0
      ? { tests: new Map(), unused: [], weights: [] }
      : await withBackend(options, io.stderr, async ({ device }) => {
          const display = new TestDisplay(io);
          const tested = await whileShown(display, io, () =>
            testWeights(sources, tables, {
              ...{ sizes, data },
              ...defined({ signal: io.signal }),
              classMap: (set, model) => classMapOf(set, model).numbers,
              onTest: (test) => display.begin(test),
              onProgress: (progress) => display.update(progress),
            }),
          );
          return { device, ...tested };
        });
  const results = tables.map((table): TableResult => {
    const hasData = table.test !== undefined && data(table.test.set) !== undefined;
    const rows = table.rows.map((row) => compareRow(row, sizes.get(row), tests.get(row) ?? [], hasData));
    return { table, rows };
  });
  if (json) {
    printJson(io.stdout, {
      ...defined({ device, limit }),
      tables: [...results.map(describeResult), ...ofDetection.map(describeDetection)],
      weights: weights.map(({ path, architecture, notes }) => ({ weights: path, architecture, notes })),
      unused: unused.map(({ path, architecture }) => ({ weights: path, architecture })),
    });
    return;
  }
  if (results.length > 0) io.stdout.write(formatTables(results, limit));
  if (results.length > 0 && ofDetection.length > 0) io.stdout.write('\n');
  io.stdout.write(formatDetectionTables(ofDetection));
  for (const { path, architecture } of unused) {
    const { name, shortcut, classes } = architecture;
    const kind = shortcut === undefined ? name : `${name}, shortcuts ${shortcut}`;
    io.stdout.write('\n');
    printLine(
      io.stdout,
      `${path} belongs to no row with errors above: ${kind}, ${formatCount(classes)} classes.`,
    );
  }
}

/** A bar for each test. */
class TestDisplay {
  #bar: Bar | undefined;
  #title = '';

  constructor(private readonly io: Io) {}

  begin({ table, networks, total }: WeightsTest): void {
    this.stop();
    this.#bar = startBar(this.io.stderr, total);
    this.#title = `Table ${table}, ${networks.join(', ')}`;
  }

  update({ count, top1Errors }: { count: number; top1Errors?: number }): void {
    const error = top1Errors === undefined ? '' : `error ${formatPercent(top1Errors / count)}  `;
    this.#bar?.update(count, `images  ${error}${this.#title}`);
  }

  stop(): void {
    this.#bar?.stop();
  }
}

/** @throws UNKNOWN_NAME */
function chosenTables(numbers: readonly string[] | undefined): [PaperTable[], DetectionTable[]] {
  const known = [...paperTables, ...detectionTables].map(({ number }) => String(number));
  const chosen = numbers?.map((number) => checkName('table', number, known));
  const isChosen = ({ number }: { number: number }) => chosen?.includes(String(number)) ?? true;
  return [paperTables.filter(isChosen), detectionTables.filter(isChosen)];
}

/** Opens the sets first, so that a wrong folder is an error before hours of work. */
async function openData({
  cifar10,
  imagenet,
  limit,
}: PaperOptions): Promise<(set: PaperTest['set']) => Images | undefined> {
  const open = async (name: string, path: string | undefined) =>
    path === undefined ? undefined : dataSet(name).readTest(path, limit);
  const ofCifar10 = await open('cifar10', cifar10);
  const ofImagenet = await open('imagenet', imagenet);
  return (set) => (set === 'CIFAR-10 test' ? ofCifar10 : ofImagenet);
}

function describeDetection({ number, title, columns, rows }: DetectionTable): object {
  return {
    number,
    title,
    rows: rows.map(({ method, values, command }) => ({
      method,
      comparisons: columns.flatMap((quantity, column) => {
        const paper = values[column];
        const needs = command === undefined ? {} : { needs: 'weights and data' };
        return paper === undefined ? [] : [{ quantity, paper, ...needs }];
      }),
      ...defined({ command }),
      tests: [],
    })),
  };
}

function describeResult({ table, rows }: TableResult): object {
  const { number, title, test } = table;
  return {
    number,
    title,
    ...(test ? { test } : {}),
    rows: rows.map(({ row, sizes, comparisons, tests }) => ({
      method: row.method,
      ...defined({ note: row.note, network: sizes?.architecture }),
      comparisons,
      tests: tests.map(({ evaluation, ...test }) => {
        if (!evaluation) return test;
        const { count, top1Errors, top5Errors, seconds } = evaluation;
        return { ...test, count, top1Errors, top5Errors, seconds };
      }),
    })),
  };
}
