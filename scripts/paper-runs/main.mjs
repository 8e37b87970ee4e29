// The trainings behind the paper's figures and tables, one after the other, in docs/paper-runs:
//
//   npm run paper-runs -- status
//   npm run paper-runs -- go --data cifar-10-batches-bin [-- --threads 1 --backend wasm]
//   npm run paper-runs -- save
//
// `go` resumes wherever it was stopped (Ctrl-C, SIGTERM or a crash), also on another machine if what `save` stages was
// committed there. What follows a second `--` goes to `resnet train`.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useBackend } from '@resnet/backend';
import { queue } from './queue.mjs';
import { goThrough, newestCheckpoint, readResult } from './run.mjs';
import { formatStatus, statusOf } from './status.mjs';

const root = fileURLToPath(new URL('../../docs/paper-runs', import.meta.url));

const commands = { status, go, save };
const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name ?? '') ? commands[name] : usage;
process.exitCode = await command(args);

function usage() {
  console.error('usage: npm run paper-runs -- status | go --data FOLDER [-- OPTIONS OF TRAIN] | save');
  return 2;
}

async function status() {
  // Networks are built to count their multiply-adds.
  const backend = await useBackend('cpu');
  console.log(formatStatus(statusOf(root, queue)));
  backend.dispose();
}

async function go(args) {
  const at = args.indexOf('--');
  const [own, more] = at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
  const { data } = parseArgs({ args: own, options: { data: { type: 'string' } } }).values;
  if (data === undefined) return usage();
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => stop.abort());
  return (await goThrough(root, queue, { data, more, signal: stop.signal })) ? 0 : 1;
}

/** Stages finished runs, and of the others the newest checkpoint: all that another machine needs to resume them. */
function save() {
  const git = (...args) => execFileSync('git', args, { cwd: root, stdio: 'inherit' });
  for (const run of queue) {
    const folder = join(root, run.name);
    if (!existsSync(folder)) continue;
    if (!readResult(root, run)) {
      const newest = newestCheckpoint(folder);
      if (newest === undefined) continue;
      git('rm', '-r', '-q', '--cached', '--ignore-unmatch', `${run.name}/checkpoints`);
      git('add', '--', run.name, `:!${run.name}/checkpoints`, `:!${run.name}/.run.lock-*`);
      git('add', '--', `${run.name}/checkpoints/${newest}`);
      continue;
    }
    rmSync(join(folder, 'checkpoints'), { recursive: true, force: true });
    git('add', '--', run.name);
  }
  return 0;
}
