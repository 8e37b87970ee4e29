import { afterEach, describe, expect, it, vi } from 'vitest';
import { run } from './run.js';
import { runResnet, TextStream } from './test-support.js';

const commands = [
  'train',
  'plot',
  'experiment',
  'eval',
  'predict',
  'responses',
  'convert',
  'summary',
  'data',
  'doctor',
];

describe('help', () => {
  it.each(commands)('of %s explains its options and gives examples', async (command) => {
    const { code, stdout, stderr } = await runResnet(command, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: resnet ${command}`);
    expect(stdout).toContain('--json');
    expect(stdout.match(/^ {2}\$ resnet /gm)!.length).toBeGreaterThanOrEqual(2);
    expect((await runResnet('help', command)).stdout).toBe(stdout);
  });

  it.each([['train'], ['recipe'], ['paper']])(
    'of %s has the words by which the program was called',
    async (command) => {
      const [stdout, stderr] = [new TextStream(), new TextStream()];
      expect(await run([command, '--help'], { stdout, stderr }, 'npx @resnet/cli')).toBe(0);
      expect(stdout.text).toContain(`Usage: npx @resnet/cli ${command} `);
      expect(stdout.text).toContain(`\n  $ npx @resnet/cli ${command}`);
      expect(stdout.text).not.toMatch(/(?<!@)\bresnet (train|convert)\b/);
    },
  );

  it('explains an option in the same words wherever it means the same', async () => {
    const outcomes = await Promise.all(
      ['train', 'eval', 'predict', 'responses', 'convert'].map((command) => runResnet(command, '--help')),
    );
    const texts = new Map<string, Set<string>>();
    for (const { stdout } of outcomes) {
      const text = stdout.replace(/\n {20,}/g, ' ');
      for (const [, flags, description] of text.matchAll(/^ {2}(--\S+(?: [<[]\S+)?) {2,}(.+)$/gm)) {
        texts.set(flags!, (texts.get(flags!) ?? new Set()).add(description!));
      }
    }
    const names = ['--dataset <name>', '--data <path>', '--download', '--model <name>', '--key <name>'];
    const others = ['--size <pixels>', '--limit <count>', '--workers <count>', '--skip-broken', '--force'];
    for (const name of [...names, ...others]) expect([...texts.get(name)!], name).toHaveLength(1);
  });

  it('of the program lists the commands', async () => {
    const { code, stdout } = await runResnet('--help');
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout).toContain('$ resnet doctor');
  });

  it('is shown on the standard error, as wrong usage, where there is no command', async () => {
    const { code, stdout, stderr } = await runResnet();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: resnet');
  });

  it('fits the width of the terminal', async () => {
    const stdout = Object.assign(new TextStream(), { columns: 60 });
    await run(['doctor', '--help'], { stdout, stderr: new TextStream() });
    const [options] = stdout.text.split('Examples:');
    expect(Math.max(...options!.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  it('has a version', async () => {
    const { code, stdout } = await runResnet('--version');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('wrong usage', () => {
  const cases: [line: string, code: string, message: string][] = [
    ['tran', 'UNKNOWN_NAME', "unknown command 'tran' (Did you mean train?)"],
    ['train --itrations 3', 'UNKNOWN_NAME', '(Did you mean --iterations?)'],
    ['train --datset digits', 'UNKNOWN_NAME', '(Did you mean --dataset?)'],
    ['train', 'OPTION_INVALID', "required option '--dataset <name>' not specified"],
    ['train resnte20 --dataset digits', 'UNKNOWN_NAME', "Did you mean 'resnet20'?"],
    ['train --dataset digit', 'UNKNOWN_NAME', "Did you mean 'digits'?"],
    ['train --dataset digits --recipe cifar10-papr', 'UNKNOWN_NAME', "Did you mean 'cifar10-paper'?"],
    ['train --dataset digits --backend wsam', 'UNKNOWN_NAME', "Did you mean 'wasm'?"],
    ['train --dataset digits --iterations 1.5', 'OPTION_INVALID', 'It must be an integer of at least 1.'],
    ['train --dataset digits --batch-size 0', 'OPTION_INVALID', "'--batch-size <count>' argument '0'"],
    ['train --dataset digits --learning-rate -1', 'OPTION_INVALID', 'It must be a number above 0.'],
    ['train --dataset digits --milestones 1,x', 'OPTION_INVALID', 'integers of at least 0, between commas'],
    ['train --dataset digits --momentum 1', 'OPTION_INVALID', 'a number from 0 to below 1'],
    ['train --dataset digits --data here', 'OPTION_INVALID', 'takes no --data'],
    ['train --dataset digits --download', 'OPTION_INVALID', 'takes no --download'],
    ['train --dataset cifar10', 'OPTION_INVALID', 'needs --data'],
    ['train --dataset cifar10 --download', 'OPTION_INVALID', 'with --download the folder to fetch it into'],
    ['train --dataset cifar100', 'OPTION_INVALID', 'cifar100 needs --data'],
    ['train plain20 --dataset digits --shortcut A', 'OPTION_INVALID', "plain20 has no option 'shortcut'"],
    ['train a b --dataset digits', 'OPTION_INVALID', 'too many arguments'],
    ['eval --dataset digits', 'OPTION_INVALID', "required option '--weights <file...>' not specified"],
    ['eval --weights a --dataset digits --mean 2,0,0', 'OPTION_INVALID', 'It must be numbers from 0 to 1'],
    ['plot', 'OPTION_INVALID', "missing required argument 'run'"],
    ['plot a --max-error 0', 'OPTION_INVALID', 'It must be a number above 0 and at most 100.'],
    ['predict --weights a', 'OPTION_INVALID', "missing required argument 'image'"],
    ['summary resnet2', 'UNKNOWN_NAME', "Did you mean 'resnet20'?"],
    ['summary resnet20 --shortcut D', 'UNKNOWN_NAME', "Unknown shortcut 'D'"],
    ['data stat x', 'UNKNOWN_NAME', '(Did you mean stats?)'],
    ['data show x --transfrom cifar', 'UNKNOWN_NAME', '(Did you mean --transform?)'],
    ['data stats', 'OPTION_INVALID', "missing required argument 'source'"],
    ['summary resnet20 --classes none', 'OPTION_INVALID', 'It must be an integer of at least 1.'],
  ];

  it.each(cases)('%s: exit code 2, %s, and where the help is', async (line, code, message) => {
    const outcome = await runResnet(...line.split(' '));
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.stderr).toContain(`error ${code}: `);
    expect(outcome.stderr).toContain(message);
    const [command] = line.split(' ');
    const place = commands.includes(command!) ? `resnet ${command} --help` : 'resnet --help';
    expect(outcome.stderr.endsWith(`See '${place}'.\n`)).toBe(true);
  });

  it('is one JSON document on the standard output with --json', async () => {
    for (const [line, code, message] of cases.slice(1, 5)) {
      const { code: exitCode, stdout } = await runResnet(...line.split(' '), '--json');
      expect(exitCode).toBe(2);
      expect(JSON.parse(stdout)).toEqual({ error: { code, message: expect.stringContaining(message) } });
    }
  });
});

describe('failures of the work', () => {
  it('have exit code 1 and their code, as text and as JSON', async () => {
    const failures: [line: string, code: string][] = [
      ['eval --weights missing.safetensors --dataset digits', 'FILE_UNREADABLE'],
      ['predict a.png --weights missing.safetensors', 'FILE_UNREADABLE'],
      ['train --dataset cifar10 --data missing', 'DATA_MISSING'],
    ];
    for (const [line, code] of failures) {
      const { code: exitCode, stdout, stderr } = await runResnet(...line.split(' '), '--json');
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`error ${code}: `);
      expect(stderr).not.toContain('--help');
      expect(JSON.parse(stdout).error.code).toBe(code);
    }
  });
});

describe('unexpected errors', () => {
  afterEach(() => vi.unstubAllEnvs());

  const broken = async () => {
    const [stdout, stderr] = [new TextStream(), new TextStream()];
    stdout.onText = () => {
      throw new Error('the paper is out');
    };
    const code = await run(['summary', 'resnet20'], { stdout, stderr });
    return { code, stderr: stderr.text };
  };

  it('have exit code 1 and their message, and say how to see more', async () => {
    vi.stubEnv('RESNET_DEBUG', '');
    const { code, stderr } = await broken();
    expect(code).toBe(1);
    expect(stderr).toBe(
      'error: the paper is out\nThis was not expected. RESNET_DEBUG=1 shows where it comes from.\n',
    );
  });

  it('show their stack with RESNET_DEBUG', async () => {
    vi.stubEnv('RESNET_DEBUG', '1');
    expect((await broken()).stderr).toMatch(/^error: the paper is out\nError: the paper is out\n {4}at /);
  });
});
