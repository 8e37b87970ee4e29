import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from 'node:os';
import { BACKEND_NAMES, BACKENDS, useBackend } from '@resnet/backend';
import type { Context } from '../context.js';
import { EXIT_FAILURE } from '../exit-codes.js';
import { formatBytes } from '../shared/terminal/format.js';
import type { Output } from '../shared/terminal/io.js';
import { printJson, printRows, type Row } from '../shared/terminal/print.js';
import { installedVersion, ownVersion } from '../version.js';
import { cudaRows } from './describe-cuda.js';
import { type BackendReport, examineBackends } from './examine-backends.js';
import { examineGpus, type GpuReport } from './examine-gpus.js';
import { examinePackages, type PackageReport } from './examine-packages.js';
import { type WebAssemblyFeatures, webAssemblyFeatures } from './webassembly-features.js';

const scope = '@tensorflow/';
/** TensorFlow.js's packages for Node, without their scope. */
const tensorflowPackages = BACKEND_NAMES.filter((name) => BACKENDS[name].platforms.includes('node'))
  .flatMap((name) => BACKENDS[name].packages)
  .filter((name) => name.startsWith(scope))
  .map((name) => name.slice(scope.length));

interface Findings {
  resnet: string;
  node: string;
  platform: string;
  processor: string;
  cores: number;
  memoryBytes: { total: number; free: number };
  webAssembly: WebAssemblyFeatures;
  gpus: GpuReport;
  backends: BackendReport[];
  packages: PackageReport[];
  /** Versions of TensorFlow.js; null where a package is not installed. */
  tensorflow: Record<string, string | null>;
}

/** Shows what works on this machine. The exit code is 1 if no backend does. */
export async function doctor(
  { json }: { json?: boolean },
  context: Context,
  start: typeof useBackend = useBackend,
): Promise<void> {
  const findings: Findings = {
    resnet: ownVersion(),
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: { total: totalmem(), free: freemem() },
    webAssembly: webAssemblyFeatures(),
    gpus: await examineGpus(),
    backends: await examineBackends(start, context.program),
    packages: await examinePackages(),
    tensorflow: Object.fromEntries(
      ['tfjs-core', ...tensorflowPackages].map((name) => [name, installedVersion(scope + name) ?? null]),
    ),
  };
  const { stdout } = context.io;
  if (json) printJson(stdout, findings);
  else print(stdout, findings);
  if (!findings.backends.some((backend) => backend.works)) context.exitCode = EXIT_FAILURE;
}

function print(stream: Output, findings: Findings): void {
  const { memoryBytes, webAssembly, tensorflow } = findings;
  const yesOrNo = (value: boolean) => (value ? 'yes' : 'no');
  printRows(stream, [
    ['resnet', findings.resnet],
    ['Node', findings.node],
    ['platform', findings.platform],
    ['processor', `${findings.processor}, ${findings.cores} ${findings.cores === 1 ? 'core' : 'cores'}`],
    ['memory', `${formatBytes(memoryBytes.total)}, ${formatBytes(memoryBytes.free)} free`],
    [
      'WebAssembly',
      `SIMD ${yesOrNo(webAssembly.simd)}, threads ${yesOrNo(webAssembly.threads)}, relaxed SIMD ${yesOrNo(webAssembly.relaxedSimd)}`,
    ],
    [
      'TensorFlow.js',
      Object.entries(tensorflow)
        .map(([name, version]) => `${name} ${version ?? 'not installed'}`)
        .join(', '),
    ],
    ...findings.gpus.nvidia.map((gpu, index): Row => [`GPU ${index}`, gpu]),
    ...cudaRows(findings.gpus, tensorflow['tfjs-node-gpu'] !== null),
    ...findings.backends.flatMap((backend) => backendRows(backend)),
    ...findings.packages.flatMap((entry) => packageRows(entry)),
  ]);
}

function backendRows(backend: BackendReport): Row[] {
  const name = `backend ${backend.name}`;
  if (!backend.works) return failureRows(name, backend.code !== 'BACKEND_MISSING', backend);
  const { device, features, warnings } = backend;
  return [
    [name, `works: ${device}${features.length === 0 ? '' : `; ${features.join(', ')}`}`],
    ['', warnings],
  ];
}

function packageRows({ name, use, version, works, reason, advice }: PackageReport): Row[] {
  if (!works) return failureRows(name, version !== null, { reason: reason!, advice: advice! });
  return [[name, `works: ${use}${version === null ? '' : `, version ${version}`}`]];
}

function failureRows(
  name: string,
  isInstalled: boolean,
  { reason, advice }: { reason: string; advice: string },
): Row[] {
  return [
    [
      name,
      isInstalled
        ? [`does not work: ${reason}`, `what to do: ${advice}`]
        : `not installed; to have it: ${advice}`,
    ],
  ];
}
