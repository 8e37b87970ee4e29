// Counts the instructions that a real GPU's compiler makes of the WebGPU kernels, on a machine without a GPU: Dawn translates
// them to SPIR-V, and Mesa's RADV, which can pretend to have any AMD GPU, to assembly.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { hottestLoopOf } from './hottest-loop.mjs';
import { environmentOf, folder, headers, libraries, spirvAssembler, unpackMesa } from './mesa.mjs';

const HELP = `Usage: node scripts/gpu/instructions.mjs [PART-OF-A-NAME ...]

Prints for each WebGPU kernel registers, spills, and the share of multiply-adds among the instructions of its hottest loop, as Mesa
compiles it for an AMD GPU. Nothing is run. It fails if a kernel spills. Takes gcc, Debian's Chromium (its software GPU), and root on
Debian, from which it unpacks Mesa into .gpu-compiler/.

  --gpu      RADV's name of the GPU (default: navi21)
  --assembly prints the assembly too
  --help     shows this`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gpu: { type: 'string', default: 'navi21' },
    assembly: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help) console.log(HELP);
else await count();

async function count() {
  unpackMesa();
  buildCompiler();
  await bundleKernels();
  const shaders = translate();
  if (shaders.length === 0) {
    console.error(`No shader's name has ${positionals.map((part) => `'${part}'`).join(' or ')} in it.`);
    process.exitCode = 1;
    return;
  }
  const results = compile(shaders);
  const spilling = [];
  console.log('| kernel | multiply-adds | of instructions | share | around the loop | registers | spilled |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const [index, { assembly, statistics }] of results.entries()) {
    const { multiplyAdds, instructions, around } = hottestLoopOf(assembly);
    const share = `${Math.round((100 * multiplyAdds) / instructions)} %`;
    const spilled = statistics['Spilled VGPRs'] + statistics['Spilled SGPRs'];
    if (spilled !== 0) spilling.push(shaders[index].name);
    const cells = [shaders[index].name, multiplyAdds, instructions, share, around, statistics.VGPRs, spilled];
    console.log(`| ${cells.join(' | ')} |`);
    if (values.assembly) console.log(assembly);
  }
  if (spilling.length > 0) {
    console.error(`These spill registers: ${spilling.join('; ')}.`);
    process.exitCode = 1;
  }
}

function buildCompiler() {
  const source = join(root, 'scripts/gpu/compile.c');
  const output = join(folder, 'compile');
  run('gcc', ['-O1', source, `-I${headers}`, `-L${libraries}`, '-l:libvulkan.so.1', '-o', output]);
}

/** The kernels as they are in the sources. */
async function bundleKernels() {
  await build({
    absWorkingDir: root,
    entryPoints: ['packages/kernels/src/webgpu.ts'],
    outfile: join(folder, 'kernels.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: { '@resnet/core': join(root, 'packages/core/src/index.ts') },
    external: ['@tensorflow/*'],
    logLevel: 'error',
    tsconfigRaw: '{}',
  });
}

/** @returns {{ name: string, spirv: string }[]} the shaders, and what Dawn makes of them as text */
function translate() {
  const chromium = '/usr/lib/chromium';
  const env = {
    ...process.env,
    VK_ICD_FILENAMES: join(chromium, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: chromium,
  };
  const program = join(root, 'scripts/gpu/shaders.mjs');
  const output = run(process.execPath, [program, join(folder, 'kernels.mjs'), ...positionals], { env });
  // Dawn prints each shader in WGSL and then in SPIR-V.
  return output
    .split('// Dumped WGSL:')
    .slice(1)
    .map((part) => {
      const name = /^\/\/ shader: (.*)$/m.exec(part)?.[1] ?? 'unknown';
      return { name, spirv: part.slice(part.indexOf('; SPIR-V')).split('\ninfo:')[0] };
    });
}

/** @param {{ spirv: string }[]} shaders */
function compile(shaders) {
  const parameters = shaders.flatMap(({ spirv }, index) => {
    const file = join(folder, `${index}.spv`);
    writeFileSync(`${file}asm`, spirv);
    run(spirvAssembler, ['--target-env', 'spv1.4', `${file}asm`, '-o', file]);
    return [file, bindingsOf(spirv)];
  });
  const env = {
    ...environmentOf('radeon'),
    RADV_FORCE_FAMILY: values.gpu,
    MESA_SHADER_CACHE_DISABLE: 'true',
  };
  const output = run(join(folder, 'compile'), parameters, { env });
  return output
    .split(/^shader /m)
    .slice(1)
    .map((part) => ({
      assembly: part.slice(part.indexOf('assembly\n') + 9),
      statistics: Object.fromEntries(
        [...part.matchAll(/^statistic (.*): (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]),
      ),
    }));
}

/** Of each binding, whether it is a storage buffer (s) or a uniform buffer (u). */
function bindingsOf(spirv) {
  const kinds = [];
  for (const [, id, binding] of spirv.matchAll(/OpDecorate (%\w+) Binding (\d+)/g)) {
    const [, kind] = new RegExp(`${id} = OpVariable %\\w+ (\\w+)`).exec(spirv);
    kinds[Number(binding)] = kind === 'Uniform' ? 'u' : 's';
  }
  return Array.from(kinds, (kind) => kind ?? 's').join('');
}

function run(command, parameters, options = {}) {
  return execFileSync(command, parameters, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 30,
    ...options,
  });
}
