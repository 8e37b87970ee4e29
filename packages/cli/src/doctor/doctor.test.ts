import { useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import { describe, expect, it } from 'vitest';
import { isSupported } from '../setup-gpu/check-machine.js';
import { runResnet, TextStream } from '../test-support.js';
import { installedVersion } from '../version.js';
import { doctor } from './doctor.js';
import { examine } from './examine-packages.js';

const inContext = () => {
  const io = { stdout: new TextStream(), stderr: new TextStream() };
  return { io, program: 'resnet', argv: ['doctor'], exitCode: 0, whenStopped: 'leave' as const };
};

describe('resnet doctor', () => {
  it('tells what works here', async () => {
    const { code, stdout, stderr } = await runResnet('doctor');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Node +v\d+/m);
    expect(stdout).toMatch(/^backend wasm +works: WebAssembly, \d+ threads? on .+; simd/m);
    expect(stdout).toMatch(/^backend cpu +works: plain JavaScript/m);
    expect(stdout).toMatch(/^sharp +works: reads image files, version \d/m);
    expect(stdout).toMatch(/^mnist +works: holds the digits, version \d/m);
  });

  it('prints one JSON document with --json', async () => {
    const { code, stdout } = await runResnet('doctor', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      node: process.version,
      cores: expect.any(Number),
      webAssembly: { simd: true, threads: true, relaxedSimd: expect.any(Boolean) },
      gpus: { nvidia: expect.any(Array), libraries: expect.any(Array) },
      backends: [
        { name: 'node-gpu' },
        { name: 'webgpu' },
        { name: 'node' },
        { name: 'wasm', works: true, features: expect.arrayContaining(['simd']) },
        { name: 'cpu', works: true, threads: 1 },
      ],
      packages: [
        { name: 'sharp', works: true },
        { name: 'mnist', works: true },
      ],
      tensorflow: { 'tfjs-core': expect.stringMatching(/^4\./) },
    });
  });

  it('tells why a backend does not work and what to do; one that works is enough', async () => {
    const context = inContext();
    await doctor({}, context, async (name, options) => {
      if (name === 'cpu') return useBackend(name, options);
      if (name === 'node') throw new ResnetError('BACKEND_FAILED', 'It does not load.');
      throw new ResnetError('BACKEND_MISSING', 'It is not installed.');
    });
    expect(context.exitCode).toBe(0);
    expect(context.io.stdout.text).toMatch(
      /^backend wasm +not installed; to have it: npm install @tensorflow\/tfjs-backend-wasm$/m,
    );
    expect(context.io.stdout.text).toMatch(
      /^backend webgpu +not installed; to have it: npm install webgpu @tensorflow\/tfjs-backend-webgpu$/m,
    );
    expect(context.io.stdout.text).toMatch(
      /^backend node +does not work: It does not load\.\n +what to do: npm rebuild @tensorflow\/tfjs-node\./m,
    );
  });

  it('calls nothing broken that is optional and absent, and gives one piece of advice for what is', async () => {
    const { stdout } = await runResnet('doctor');
    for (const name of ['node', 'node-gpu']) {
      const packageName = `@tensorflow/tfjs-${name}`;
      if (installedVersion(packageName)) continue;
      const command =
        name === 'node-gpu' && isSupported() ? 'resnet setup-gpu' : `npm install ${packageName}`;
      const row = new RegExp(`^backend ${name} +not installed; to have it: ${command}$`, 'm');
      expect(stdout).toMatch(row);
    }
    for (const row of stdout.match(/^.* does not work: .*\n.*$/gm) ?? []) {
      expect(row).toMatch(/\n +what to do: /);
      expect(row.split('\n', 1)[0]).not.toMatch(/npm |use another|Install|Look for/);
    }
  });

  it('tells why the WASM backend has one thread', async () => {
    const context = inContext();
    await doctor({}, context, async (...parameters) => {
      const backend = await useBackend(...parameters);
      return Object.assign(backend, { warnings: ['One thread, as there are no more.'] });
    });
    expect(context.io.stdout.text).toMatch(/^backend cpu +works: .*\n +One thread, as there are no more\.$/m);
  });

  it('fails where no backend works', async () => {
    const context = inContext();
    await doctor({ json: true }, context, async () => {
      throw new ResnetError('BACKEND_FAILED', 'No memory.');
    });
    expect(context.exitCode).toBe(1);
    const { backends } = JSON.parse(context.io.stdout.text);
    expect(backends).toHaveLength(5);
    expect(backends[0]).toMatchObject({ works: false, code: 'BACKEND_FAILED', reason: 'No memory.' });
  });
});

it('examines a package that is not there', async () => {
  const attempt = async () => import('no-such-package' as string);
  const report = await examine('no-such-package', 'does nothing', attempt, 'npm install it');
  expect(report).toMatchObject({ version: null, works: false, advice: 'npm install it' });
  expect(report.reason).toContain('no-such-package');
});
