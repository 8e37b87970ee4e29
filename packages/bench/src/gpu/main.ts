// Only the benchmarks of GPUs, which scripts/gpu/pack.mjs bundles:
// node gpu-main.js gpu|profile|agreement …
import { gpuHelp, isGpuCommand, runGpuCommand } from './commands.js';

const [name, ...parameters] = process.argv.slice(2);
if (!isGpuCommand(name) || !(await runGpuCommand(name, parameters))) {
  console.log(gpuHelp);
  process.exitCode = 2;
}
