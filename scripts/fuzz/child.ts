import { mkdtemp, rm } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useBackend } from '../../packages/backend/src/index.js';
import { Random, ResnetError } from '../../packages/core/src/index.js';
import { mutated } from './mutate.js';
import { makeTargets } from './targets/index.js';

// Parses mutated files one after the other, and reports each outcome to the parent, which can stop this process.

const [seed, from, to] = process.argv.slice(2).map(Number) as [number, number, number];
const tell = (message: object) => new Promise<void>((done) => process.send!(message, () => done()));

await useBackend('cpu');
const folder = await mkdtemp(join(tmpdir(), 'resnet-fuzz-'));
process.on('unhandledRejection', (error) => void tell({ lost: String((error as Error)?.stack ?? error) }));
process.on('SIGTERM', () => process.exit());
try {
  const targets = await makeTargets(folder);
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  globalThis.gc?.();
  await tell({ ready: targets.map(({ name }) => name), rss: process.memoryUsage().rss });
  for (let index = from; index < to; index++) {
    const target = targets[index % targets.length]!;
    const random = new Random(seed, index);
    const changed = mutated(target.bases, random, target.isText ?? false);
    const bytes = target.wrap ? target.wrap(changed, random) : changed;
    if (process.memoryUsage().rss > 2 ** 28) globalThis.gc?.();
    await tell({ begun: index, bytes: bytes.length });
    const { rss } = process.memoryUsage();
    const before = process.resourceUsage().maxRSS;
    const cpu = process.cpuUsage();
    let outcome: string;
    try {
      await target.parse(bytes);
      outcome = 'value';
    } catch (error) {
      outcome = ResnetError.is(error) ? error.code : `uncoded: ${String((error as Error)?.stack ?? error)}`;
    }
    const { user, system } = process.cpuUsage(cpu);
    // Only what is above the earlier maximum counts.
    const after = process.resourceUsage().maxRSS;
    const grown = after > before ? 1024 * after - rss : 0;
    await tell({ done: index, outcome, milliseconds: (user + system) / 1000, grown });
  }
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await tell({ coverage: result.filter(({ url }) => url.endsWith('fuzz-child.mjs')) });
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();
