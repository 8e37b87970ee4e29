import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { useBackend } from '@resnet/backend';
import { loadModel } from '@resnet/zoo/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const load = (name: string) =>
  import(new URL(`../../../../scripts/paper-runs/${name}.mjs`, import.meta.url).href);

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'resnet-paper-runs-'));
});
afterAll(() => rm(parent, { recursive: true }));

const run = {
  name: 'short',
  network: 'resnet20',
  dataset: 'digits',
  recipe: 'digits',
  seed: 3,
  options: ['--iterations', '130', '--batch-size', '4', '--milestones', '100'],
};
const more = ['--backend', 'wasm', '--threads', '1'];
const files = async (root: string) => (await readdir(join(root, run.name))).sort();

describe('scripts/paper-runs', () => {
  it('goes on elsewhere to the same weights, puts runs away, and trains nothing twice', async () => {
    const { goThrough } = await load('run');
    const [whole, begun, moved] = ['whole', 'begun', 'moved'].map((name) => join(parent, name)) as [
      string,
      string,
      string,
    ];
    expect(await goThrough(whole, [run], { more })).toBe(true);
    expect(await files(whole)).toEqual([
      ...['best.safetensors', 'curves.svg', 'metrics.jsonl', 'model.safetensors', 'report.md', 'result.json'],
    ]);

    const stop = new AbortController();
    const stopped = goThrough(begun, [run], { more, signal: stop.signal });
    const checkpoint = join(begun, run.name, 'checkpoints', '00000100');
    while (!(await stat(checkpoint).catch(() => undefined))) await sleep(20);
    stop.abort();
    expect(await stopped).toBe(false);
    await cp(begun, moved, { recursive: true });
    expect(await goThrough(moved, [run], { more })).toBe(true);
    const weights = (root: string) => readFile(join(root, run.name, 'model.safetensors'));
    expect((await weights(moved)).equals(await weights(whole))).toBe(true);

    const result = JSON.parse(await readFile(join(whole, run.name, 'result.json'), 'utf8'));
    expect(result).toMatchObject({
      ...run,
      iterations: 130,
      settings: { recipe: { seed: 3, batchSize: 4 } },
    });
    expect(result.weights).toMatchObject([
      { file: 'model.safetensors', format: 'F16', testCount: 1000 },
      { file: 'best.safetensors', format: 'F16', testCount: 1000 },
    ]);
    expect(Math.abs(result.weights[0].testErrors - 1000 * result.testError)).toBeLessThan(6);
    const backend = await useBackend('wasm', { threads: 1 });
    const { network, classNames } = await loadModel(join(whole, run.name, 'model.safetensors'));
    expect(classNames).toHaveLength(10);
    network.dispose();
    backend.dispose();

    const before = await stat(join(whole, run.name, 'metrics.jsonl'));
    expect(await goThrough(whole, [run], { more })).toBe(true);
    expect((await stat(join(whole, run.name, 'metrics.jsonl'))).mtimeMs).toBe(before.mtimeMs);
  });

  it('says what is done and left, and when it will end', async () => {
    const [{ queue }, { statusOf, formatStatus }] = [await load('queue'), await load('status')];
    const backend = await useBackend('cpu');
    const runs = statusOf(join(parent, 'whole'), [run, ...queue]);
    backend.dispose();
    expect(runs[0]).toMatchObject({ state: 'done', done: 130, secondsLeft: 0 });
    const paper = runs.filter(({ recipe }: { recipe: string }) => recipe === 'cifar10-paper');
    expect(paper[0]).toMatchObject({ name: 'paper-resnet20', state: 'left', iterations: 64_000 });
    // ResNet-56 has three times the multiply-adds of ResNet-20.
    expect(paper[3].secondsLeft / paper[0].secondsLeft).toBeCloseTo(125.49 / 40.55, 1);
    const text = formatStatus(runs, new Date(0));
    expect(text).toMatch(/^short +done +130 of 130 {3}training error \d/);
    expect(text).toContain(`1 of ${runs.length} done; `);
  });
});
