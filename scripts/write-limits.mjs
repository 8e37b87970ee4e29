// Writes the table of limits into docs/security.md, from the constants in the sources. With --check it only says whether the
// table is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const document = join(root, 'docs/security.md');
const [START, END] = ['<!-- limits: npm run write-limits -->', '<!-- end of limits -->'];

/** What is limited, by the file and the name of the constant; `unit` is 'bytes', or what is counted. */
const limits = [
  ['Weights', 'a file', 'zoo/src/node.ts', 'maximumBytes', 'bytes'],
  [
    'Weights',
    'header of a safetensors file',
    'zoo/src/weights/safetensors.ts',
    'maximumHeaderBytes',
    'bytes',
  ],
  [
    'Weights',
    'what a zip archive of PyTorch unpacks to',
    'zoo/src/weights/torch/torch-zip.ts',
    'maximumRatio',
    'times its size',
  ],
  ['Weights', 'config.json', 'zoo/src/model/read-config.ts', 'maximumBytes', 'bytes'],
  ['Networks', 'any', 'zoo/src/networks/registry.ts', 'MOST_PARAMETERS', 'parameters'],
  ['Pickles', 'operations', 'files/src/pickle/pickle.ts', 'maximumOperations', ''],
  ['Pickles', 'arguments of a call', 'files/src/pickle/pickle.ts', 'MOST_ARGUMENTS', ''],
  [
    'Pickles',
    'name of a module and what is in it',
    'files/src/pickle/pickle.ts',
    'MOST_NAME_LENGTH',
    'characters',
  ],
  ['Pickles', 'axes of a tensor', 'zoo/src/weights/torch/torch-pickle.ts', 'MOST_AXES', ''],
  ['JSON', 'lists and objects within each other', 'files/src/read/parse-json.ts', 'MOST_DEPTH', 'levels'],
  ['Images', 'a file', 'data/src/images/image-limits.ts', 'MOST_IMAGE_BYTES', 'bytes'],
  ['Images', 'an image, decoded or scaled', 'data/src/images/image-limits.ts', 'MOST_PIXELS', 'pixels'],
  ['Images', 'what is read ahead of the next one', 'data/src/loading/read-ahead.ts', 'MOST_BYTES', 'bytes'],
  ['Tar archives', 'a header of a long name', 'data/src/formats/tar.ts', 'MOST_TAR_HEADER_BYTES', 'bytes'],
  ['Tar archives', 'a name', 'data/src/formats/tar.ts', 'MOST_TAR_NAME_BYTES', 'bytes'],
  ['Tar shards', 'images and classes of a sample', 'data/src/shards/read-samples.ts', 'MOST_FILES', 'files'],
  ['Tar shards', 'index', 'data/src/shards/find-shards.ts', 'MOST_INDEX_BYTES', 'bytes'],
  ['Tar shards', 'index', 'data/src/shards/shard-index.ts', 'MOST_SHARDS', 'shards'],
  ['Tar shards', 'classes', 'data/src/shards/find-shards.ts', 'MOST_CLASSES', ''],
  ['Parquet', 'footer', 'data/src/formats/parquet/file.ts', 'MOST_FOOTER_BYTES', 'bytes'],
  [
    'Parquet',
    'values in the footer or in a header of a page',
    'data/src/formats/parquet/thrift.ts',
    'MOST_THRIFT_VALUES',
    '',
  ],
  [
    'Parquet',
    'rows, and no more than the file has bytes',
    'data/src/formats/parquet/file.ts',
    'MOST_ROWS',
    '',
  ],
  ['Parquet', 'rows of a group', 'data/src/formats/parquet/file.ts', 'MOST_GROUP_ROWS', ''],
  ['Parquet', 'a column of a group', 'data/src/formats/parquet/file.ts', 'MOST_GROUP_BYTES', 'bytes'],
  ['Parquet', 'columns', 'data/src/formats/parquet/file.ts', 'MOST_SCHEMA_ELEMENTS', ''],
  ['Parquet', 'classes', 'data/src/formats/parquet/read-parquet.ts', 'MOST_CLASSES', ''],
  ['ImageNet', 'meta.mat', 'data/src/imagenet/development-kit.ts', 'MOST_KIT_BYTES', 'bytes'],
  [
    'ImageNet',
    'meta.mat, unpacked',
    'data/src/imagenet/development-kit.ts',
    'MOST_UNPACKED_KIT_BYTES',
    'bytes',
  ],
  ['ImageNet', 'file of labels', 'data/src/imagenet/validation-labels.ts', 'MOST_LABELS_BYTES', 'bytes'],
  ['ImageNet', 'file of labels', 'data/src/imagenet/validation-labels.ts', 'MOST_LABELS_LINES', 'lines'],
  ['PASCAL VOC', 'annotation of an image', 'data/src/detection/voc/read-voc.ts', 'MOST_XML_BYTES', 'bytes'],
  ['PASCAL VOC', 'annotation of an image', 'data/src/detection/voc/parse-voc.ts', 'MOST_OBJECTS', 'objects'],
  [
    'PASCAL VOC',
    'annotation of an image',
    'data/src/detection/voc/parse-voc.ts',
    'MOST_ELEMENTS',
    'elements',
  ],
  [
    'PASCAL VOC',
    'elements within each other',
    'data/src/detection/voc/parse-voc.ts',
    'MOST_LEVELS',
    'levels',
  ],
  ['PASCAL VOC', 'text of an element', 'data/src/detection/voc/parse-voc.ts', 'MOST_TEXT', 'characters'],
  ['PASCAL VOC', 'list of images', 'data/src/detection/voc/voc-folder.ts', 'MOST_LIST_BYTES', 'bytes'],
  ['COCO', 'a file', 'data/src/detection/coco/json-records.ts', 'MOST_JSON_BYTES', 'bytes'],
  ['COCO', 'images', 'data/src/detection/coco/annotations.ts', 'MOST_IMAGES', ''],
  ['COCO', 'categories', 'data/src/detection/coco/annotations.ts', 'MOST_CATEGORIES', ''],
  ['COCO', 'annotations', 'data/src/detection/coco/annotations.ts', 'MOST_ANNOTATIONS', ''],
  ['COCO', 'results', 'data/src/detection/coco/results.ts', 'MOST_RESULTS', ''],
  ['COCO', 'a text', 'data/src/detection/coco/json-records.ts', 'MOST_CHARACTERS', 'characters'],
  ['Loading', 'workers', 'data/src/loading/loader.ts', 'MOST_WORKERS', ''],
  ['Tests', 'a shorter side of a multi-scale test', 'eval/src/views/views.ts', 'MOST_SIDE', 'pixels'],
  ['Runs', 'metrics.jsonl', 'train/src/logging/metrics-file.ts', 'MOST_METRICS_BYTES', 'bytes'],
  ['Runs', 'metrics.jsonl', 'train/src/logging/metrics-file.ts', 'MOST_METRICS_LINES', 'lines'],
  ['Runs', 'state.json', 'train/src/checkpoint/checkpoint-store.ts', 'MOST_STATE_BYTES', 'bytes'],
  ['Runs', 'file of an evaluation', 'cli/src/eval/read-evaluation-file.ts', 'MOST_BYTES', 'bytes'],
  ['Runs', 'file of real labels', 'cli/src/eval/real-labels.ts', 'MOST_BYTES', 'bytes'],
  ['Runs', 'names of classes', 'cli/src/eval/read-class-names.ts', 'MOST_BYTES', 'bytes'],
];

const text = readFileSync(document, 'utf8');
const [start, end] = [text.indexOf(START) + START.length, text.indexOf(END)];
const current = `${text.slice(0, start)}\n\n${table()}\n\n${text.slice(end)}`;
if (!process.argv.includes('--check')) writeFileSync(document, current);
else if (current !== text) {
  console.error(
    'The table of limits in docs/security.md is not that of the sources. Run: npm run write-limits',
  );
  process.exit(1);
}

function table() {
  const rows = limits.map(
    ([of, what, file, name, unit]) => `| ${of} | ${what} | ${shown(numberOf(file, name), unit)} |`,
  );
  return ['| Of | What | At most |', '| --- | --- | ---: |', ...rows].join('\n');
}

/** The value of a constant in a source: digits and products. */
function numberOf(file, name) {
  const source = readFileSync(join(root, 'packages', file), 'utf8');
  const [, expression] = new RegExp(`^(?:export )?const ${name} = ([\\d_ *.]+);$`, 'm').exec(source) ?? [];
  if (expression === undefined) throw new Error(`${file} has no constant ${name} that is a number.`);
  return new Function(`return ${expression}`)();
}

function shown(value, unit) {
  const units = [
    { name: 'GiB', size: 2 ** 30 },
    { name: 'MiB', size: 2 ** 20 },
    { name: 'KiB', size: 2 ** 10 },
  ];
  const larger = units.find(({ size }) => value % size === 0);
  if (unit === 'bytes' && larger) return `${value / larger.size} ${larger.name}`;
  return `${value.toLocaleString('en-US')} ${unit}`.trim();
}
