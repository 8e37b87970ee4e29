import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What the fake programs do besides: pip fails or waits at a package. */
export interface FakeBehavior {
  failsAt?: string;
  prints?: string;
  waitsAt?: string;
  pip?: string;
}

const METADATA = `Requires-Dist: numpy
Requires-Dist: nvidia-a-cu12<13.0,>=12.5; extra == "and-cuda"
Requires-Dist: nvidia-b-cu12<10.0,>=9.3; extra == "and-cuda"
`;

/** The fakes write down how they are called, and make the files that the real ones make. */
const HEAD = `#!${process.execPath}
const { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const args = process.argv.slice(2);
const bin = __dirname;
const behavior = JSON.parse(readFileSync(join(bin, 'behavior.json'), 'utf8'));
const write = (path, text = '') => { mkdirSync(dirname(path), { recursive: true }); writeFileSync(path, text); };
const log = (line) => appendFileSync(join(bin, 'calls.txt'), line + '\\n');
`;

const PROGRAMS = {
  python3: `
if (args.includes('--version')) {
  console.log('pip ' + (behavior.pip ?? '23.2.1') + ' from /somewhere');
} else {
  const requirement = args.at(-1);
  const site = args.find((arg) => arg.startsWith('--target=')).slice(9);
  log('pip ' + requirement);
  const [name] = /^[\\w-]+/.exec(requirement);
  console.log('Collecting ' + name + '\\n  Downloading ' + name.replaceAll('-', '_') + '-1.0-py3-none-any.whl (1.5 MB)');
  write(join(process.env.TMPDIR, 'download'), 'begun');
  if (behavior.failsAt === name) { console.error(behavior.prints); process.exit(1); }
  // As a script that runs another program, which outlives it unless both are ended.
  if (behavior.waitsAt === name) require('node:child_process').spawnSync('sleep', ['600'], { stdio: 'inherit' });
  else {
    const [info, file] = name.startsWith('nvidia')
      ? [name.replaceAll('-', '_') + '-1.0', 'nvidia/' + name.split('-')[1] + '/lib/lib.so']
      : ['tensorflow-2.21.0', 'tensorflow/libtensorflow_cc.so.2'];
    write(join(site, file), name);
    write(join(site, info + '.dist-info', 'METADATA'), ${JSON.stringify(METADATA)});
  }
}
`,
  npm: `
if (args.includes('--version')) console.log('11.0.0');
else {
  log('npm ' + args.at(-1));
  const names = ['tfjs-node-gpu', 'tfjs-core', 'tfjs-layers'].map((name) => 'node_modules/@tensorflow/' + name);
  for (const name of names) write(join(name, 'package.json'), '{}');
  write(join(names[0], 'binding', 'a.cc'));
  const nested = names[1] + '/node_modules/node-fetch';
  write('node_modules/.package-lock.json', JSON.stringify({ packages: Object.fromEntries([...names, nested].map((name) => [name, {}])) }));
}
`,
  'g++': `
if (args.includes('--version')) console.log('g++ 12');
else { log('g++ ' + args.filter((arg) => arg.endsWith('.cc')).length); write(args.at(-1), 'addon'); }
`,
};

/** A project with backends, and programs for a PATH. */
export async function fakeMachine(folder: string) {
  const [bin, project] = [join(folder, 'bin'), join(folder, 'project')];
  const write = async (path: string, text: string) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };
  for (const [name, source] of Object.entries(PROGRAMS)) {
    await write(join(bin, name), HEAD + source);
    await chmod(join(bin, name), 0o755);
  }
  for (const name of ['@resnet/backend', '@tensorflow/tfjs-core']) {
    await write(join(project, 'node_modules', name, 'package.json'), '{}');
  }
  const calls = join(bin, 'calls.txt');
  return {
    bin,
    project,
    /** What the programs were called for since the last time. */
    async calls(): Promise<string[]> {
      const text = await readFile(calls, 'utf8').catch(() => '');
      await writeFile(calls, '');
      return text.split('\n').filter((line) => line !== '');
    },
    behave: (behavior: FakeBehavior) => write(join(bin, 'behavior.json'), JSON.stringify(behavior)),
  };
}
