// Builds the WebAssembly modules, that of float32 and that of int8: writes the generated sources, compiles four builds of each with
// AssemblyScript, and writes each both as a file and as a module of JavaScript, which every bundler finds.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { ROWS, tiles } from './tiles.mjs';

const root = join(import.meta.dirname, '..');
const assembly = join(root, 'assembly');
const BUILDS = {
  simd: [],
  'relaxed-simd': ['--enable', 'relaxed-simd'],
  'simd-threads': ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
  'relaxed-simd-threads': [
    ...['--enable', 'relaxed-simd', '--enable', 'threads'],
    ...['--sharedMemory', '--maximumMemory', '65536'],
  ],
};
/** What tfjs's heap never is: bytes below this are its own static data, which no module of ours may carry. */
const OPTIONS = [
  ...[
    '--importMemory',
    '--noExportMemory',
    '--runtime',
    'stub',
    '--noAssert',
    '-O3',
    '--shrinkLevel',
    '1',
    '--converge',
    '--enable',
    'simd',
  ],
];

const constants = new Map();
const sources = { float32: readSources(''), int8: readSources('int8/') };
for (const folder of ['assembly/generated', 'src/generated', 'wasm']) {
  mkdirSync(join(root, folder), { recursive: true });
}
writeFileSync(join(assembly, 'generated/tiles.ts'), tiles());
writeFileSync(join(root, 'src/generated/tasks.ts'), tasks());
writeFileSync(join(root, 'src/generated/constants.ts'), constantsText());
writeFileSync(join(root, 'src/generated/kernels.ts'), kernelList());
for (const [prefix, { kernels }] of [
  ['', sources.float32],
  ['int8-', sources.int8],
]) {
  // What a module has in it is what its dispatch imports.
  writeFileSync(join(assembly, 'generated/dispatch.ts'), dispatch(kernels));
  for (const [name, options] of Object.entries(BUILDS)) await compile(prefix + name, options);
}

async function compile(name, options) {
  const file = join(root, 'wasm', `${name}.wasm`);
  const { error, stderr } = await asc.main([
    join(assembly, 'index.ts'),
    '--outFile',
    file,
    ...OPTIONS,
    ...options,
  ]);
  if (error) throw new Error(`${name}: ${error.message}\n${stderr}`);
  const bytes = readFileSync(file);
  writeFileSync(
    join(root, 'src/generated', `${name}.ts`),
    `// Made by build/build.mjs: wasm/${name}.wasm.\nexport default '${bytes.toString('base64')}';\n`,
  );
  console.log(`${name}.wasm ${bytes.length} bytes`);
}

/** The tasks' fields, and the kernels that take them in the order of their files; adds the constants that are exported. */
function readSources(folder) {
  const classes = new Map();
  const kernels = [];
  for (const file of readdirSync(join(assembly, folder)).sort()) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(assembly, folder, file), 'utf8');
    for (const [, name, base, body] of text.matchAll(
      /@unmanaged\nexport class (\w+)(?: extends (\w+))? \{\n(.*?)\n\}/gs,
    )) {
      const fields = [...body.matchAll(/^ {2}(\w+): (\w+);$/gm)].map(([, field, type]) => [field, type]);
      for (const [field, type] of fields) {
        if (!['i32', 'u32', 'usize', 'f32'].includes(type)) {
          throw new Error(`${file}: ${name}.${field} is ${type}; fields are four bytes.`);
        }
      }
      classes.set(name, { base, fields });
    }
    for (const [, name, task] of text.matchAll(
      /export function (\w+)\(\s*task: (\w+),\s*_?chunk: i32,\s*_?scratch: usize,?\s*\): void/g,
    )) {
      kernels.push({ name, task, module: folder + file.replace('.ts', '') });
    }
    for (const [, name, expression] of text.matchAll(
      /^export const ([A-Z\d_]+): (?:i32|u32|usize) = (.+);$/gm,
    )) {
      if (constants.has(name)) throw new Error(`${file}: there are two constants ${name}.`);
      constants.set(name, evaluate(expression, constants));
    }
  }
  return { classes, kernels };
}

/** The value of sums and products of numbers and of constants that stand before. */
function evaluate(expression, constants) {
  const numbers = expression.replace(/[A-Z][A-Z\d_]+/g, (name) => constants.get(name) ?? name);
  if (!/^[\d_ +*()-]+$/.test(numbers))
    throw new Error(`'${expression}' is no constant that the build can compute.`);
  return Function(`return ${numbers};`)();
}

function fieldsOf(classes, name) {
  const { base, fields } = classes.get(name);
  return base ? [...fieldsOf(classes, base), ...fields] : fields;
}

/** The one entry through which threads run any kernel. */
function dispatch(kernels) {
  const modules = [...new Set(kernels.map(({ module }) => module))];
  const imports = modules.map((module) => {
    const own = kernels.filter((kernel) => kernel.module === module);
    const names = [...new Set(own.flatMap(({ name, task }) => [name, task]))].sort();
    return `import { ${names.join(', ')} } from '../${module}';`;
  });
  const cases = kernels.map(
    ({ name, task }, index) =>
      `    case ${index}: ${name}(changetype<${task}>(task), chunk, scratch); break;`,
  );
  return `// Made by build/build.mjs.
${imports.join('\n')}

export function runChunk(kernel: i32, task: usize, chunk: i32, scratch: usize): void {
  switch (kernel) {
${cases.join('\n')}
  }
}
`;
}

/** The same for TypeScript: each kernel's number, and the fields of its task in memory. */
function tasks() {
  return `// Made by build/build.mjs from the classes in assembly/.

/** Each kernel's task: its fields, four bytes each, in the order in which they lie in memory. */
export const TASKS = {
${taskEntries(sources.float32)}
} as const;

/** Those of the module for int8. */
export const INT8_TASKS = {
${taskEntries(sources.int8)}
} as const;
`;
}

function taskEntries({ classes, kernels }) {
  const entries = kernels.map(({ name, task }) => {
    const fields = fieldsOf(classes, task).map(
      ([field, type]) => `${field}: '${type === 'f32' ? 'f32' : 'i32'}'`,
    );
    return `  ${name}: { ${fields.join(', ')} },`;
  });
  return entries.join('\n');
}

/** What both languages compute with; bundlers leave out what no one imports. */
function constantsText() {
  const offsets = fieldsOf(sources.float32.classes, 'Control').map(
    ([field], index) => `${field}: ${4 * index}`,
  );
  return `// Made by build/build.mjs from the constants that files of assembly/ export, and from build/tiles.mjs.
${[...constants].map(([name, value]) => `export const ${name} = ${value};`).join('\n')}

/** Rows of the largest tile, with fused multiply-adds and without. */
export const TILE_ROWS = { relaxed: ${ROWS.relaxed}, plain: ${ROWS.plain} } as const;

/** Where the fields of the threads' control block lie, in bytes. */
export const CONTROL_OFFSETS = { ${offsets.join(', ')} } as const;
`;
}

/** Every kernel in src/kernels, those of tfjs first: what register.ts registers. */
function kernelList() {
  const folder = join(root, 'src/kernels');
  const ofTfjs = readFileSync(join(root, 'src/contracts/tfjs.ts'), 'utf8');
  const rank = ({ name }) => `${ofTfjs.includes(`\n  ${name}: {`) ? 0 : 1} ${name}`;
  const found = readdirSync(folder, { recursive: true }).flatMap((file) => {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) return [];
    const text = readFileSync(join(folder, file), 'utf8');
    return [...text.matchAll(/^export const (\w+) = kernel\(\s*'(\w+)'/gm)].map(([, variable, name]) => ({
      variable,
      name,
      module: `../kernels/${file.replaceAll('\\', '/').replace('.ts', '.js')}`,
    }));
  });
  found.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return `// Made by build/build.mjs from the kernels in src/kernels.
${found.map(({ variable, module }) => `import { ${variable} } from '${module}';`).join('\n')}
import type { Kernel } from '../kernels/kernel.js';

export const KERNELS: readonly Kernel[] = [
${found.map(({ variable }) => `  ${variable},`).join('\n')}
];
`;
}
