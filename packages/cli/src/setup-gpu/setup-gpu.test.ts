import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refusal, temporaryFolder } from '@resnet/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TextStream } from '../test-support.js';
import { isSupported } from './check-machine.js';
import { findSetup } from './find-setup.js';
import { setupGpu } from './setup-gpu.js';
import { fakeMachine } from './test-support.js';

const reason = isSupported() ? '' : ' (skipped: for Linux on x64)';

let machine: Awaited<ReturnType<typeof fakeMachine>>;
let remove: () => Promise<void>;
let library: string;
let link: string;
beforeEach(async () => {
  const temporary = await temporaryFolder();
  remove = temporary.remove;
  machine = await fakeMachine(await realpath(temporary.folder));
  await machine.behave({});
  const cache = join(machine.project, '..', 'cache');
  library = join(cache, 'tensorflow-2.21.0');
  link = join(machine.project, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  vi.stubEnv('PATH', `${machine.bin}:${process.env.PATH}`);
  vi.stubEnv('RESNET_CACHE', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await remove();
});

const ofLibrary = ['pip tensorflow==2.21.0', 'pip nvidia-a-cu12<13.0,>=12.5', 'pip nvidia-b-cu12<10.0,>=9.3'];
const npm = 'npm @tensorflow/tfjs-node-gpu@4.22.0';
/** A file of the package, and one of this program. */
const compiler = 'g++ 2';

async function setUp({
  signal,
  device = 'TensorFlow 2.21.0 on a GPU',
}: {
  signal?: AbortSignal;
  device?: string;
} = {}) {
  const io = { stdout: new TextStream(), stderr: new TextStream(), ...(signal ? { signal } : {}) };
  const context = { io, program: 'resnet', argv: ['setup-gpu'], exitCode: 0, whenStopped: 'leave' as const };
  await setupGpu({}, context, machine.project, async () => ({ checks: ['✓ a'], device }));
  return { stdout: io.stdout.text, stderr: io.stderr.text };
}

describe.skipIf(!isSupported())(`setup-gpu${reason}`, () => {
  it('gets all, where Node and the library find it, and tells what', async () => {
    const { stdout, stderr } = await setUp();
    expect(await machine.calls()).toEqual([...ofLibrary, npm, compiler]);
    expect(stderr).toMatch(/About 3\.4 GB to download, 7\.0 GB on the disk\.\nDownloading tensorflow, 2 MB/);
    expect(stdout).toContain('TensorFlow 2.21.0 on a GPU');
    expect(stdout).not.toContain('doctor');
    expect(await readFile(join(library, 'nvidia', 'b', 'lib', 'lib.so'), 'utf8')).toBe('nvidia-b-cu12');
    const addon = join(link, 'lib', 'napi-v8', 'tfjs_binding.node');
    expect(await readFile(addon, 'utf8')).toBe('addon');
    // The project's own tfjs-core is the only one.
    const beside = await readdir(join(await realpath(link), '..'));
    expect(beside.sort()).toEqual(['tfjs-layers', 'tfjs-node-gpu']);
    expect(await readdir(library)).not.toContain('.unfinished');
    const program = join(machine.project, 'node_modules', 'program.js');
    const versions = { tensorflow: '2.21.0', cuda: null, cudnn: null };
    expect(await findSetup(program)).toEqual({ library, ...versions });
  });

  it('does only what is missing', async () => {
    await setUp();
    await machine.calls();
    await rm(link);
    await setUp();
    expect(await machine.calls()).toEqual([]);
    expect(await readlink(link)).toContain('.resnet');
    await rm(join(library, 'nvidia_a_cu12-1.0.dist-info'), { recursive: true });
    await rm(join(machine.project, 'node_modules', '.resnet'), { recursive: true });
    await setUp();
    expect(await machine.calls()).toEqual([ofLibrary[1], npm]);
  });

  it('sends to the doctor where there is no GPU', async () => {
    const { stdout } = await setUp({ device: 'TensorFlow 2.21.0 on the processor' });
    expect(stdout).toContain('`resnet doctor`');
  });

  it('keeps what it has when a download fails, and says what to do', async () => {
    const prints = 'Could not install: [Errno 28] No space left on device';
    await machine.behave({ failsAt: 'nvidia-b-cu12', prints });
    await expect(setUp()).rejects.toEqual(refusal('SETUP_FAILED', 'disk is full', prints));
    await machine.behave({ failsAt: 'nvidia-b-cu12', prints: 'Failed to establish a new connection' });
    await expect(setUp()).rejects.toEqual(refusal('SETUP_FAILED', 'PyPI could not be reached'));
    await machine.behave({ failsAt: 'nvidia-b-cu12', prints: 'Could not find it (from versions: none)' });
    await expect(setUp()).rejects.toEqual(
      refusal(
        'SETUP_FAILED',
        '`python3 -m pip install nvidia-b-cu12<10.0,>=9.3`',
        'PyPI could not be reached',
      ),
    );
    expect(await readdir(library)).not.toContain('.unfinished');
    await machine.calls();
    await machine.behave({});
    await setUp();
    expect(await machine.calls()).toEqual([ofLibrary[2], npm, compiler]);
  });

  it('leaves nothing half-made when it is stopped', async () => {
    await machine.behave({ waitsAt: 'nvidia-b-cu12' });
    const stop = new AbortController();
    const stopped = setUp({ signal: stop.signal });
    const files = ['nvidia_a_cu12-1.0.dist-info', '.unfinished/temporary/download'];
    const areThere = () => expect(files.filter((name) => existsSync(join(library, name)))).toEqual(files);
    await vi.waitFor(areThere, 10_000);
    stop.abort();
    await expect(stopped).rejects.toEqual(refusal('ABORTED'));
    expect(await readdir(join(library, 'nvidia'))).toEqual(['a']);
    expect(await readdir(library)).not.toContain('.unfinished');
    expect(await readdir(join(library, '..'))).toEqual(['tensorflow-2.21.0']);
  });

  it('asks for programs before it downloads', async () => {
    await machine.behave({ pip: '19.0' });
    await expect(setUp()).rejects.toEqual(refusal('SETUP_IMPOSSIBLE', 'pip 20.3 or later', 'pip 19.0'));
    await machine.behave({});
    await rm(join(machine.bin, 'g++'));
    vi.stubEnv('PATH', machine.bin);
    await expect(setUp()).rejects.toEqual(refusal('SETUP_IMPOSSIBLE', 'g++', 'apt-get install g++'));
    expect(await machine.calls()).toEqual([]);
  });

  it("does not touch npm's package", async () => {
    await mkdir(link);
    await expect(setUp()).rejects.toEqual(
      refusal('SETUP_IMPOSSIBLE', 'npm uninstall @tensorflow/tfjs-node-gpu'),
    );
    expect(await machine.calls()).toEqual([]);
  });
});
