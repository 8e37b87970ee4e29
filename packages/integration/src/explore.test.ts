import { Random, softmaxCrossEntropy, useBackend } from '@resnet/backend';
import { create } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { it } from 'vitest';
import { registerFilterGradient } from '../../bench/src/filter-gradient.js';
import { doAgain, kernelsAlone } from './float64-network/alone.js';
import { layers, maskOf } from './float64-network/layers.js';
import { recordCalls } from './float64-network/recording.js';
import { replay } from './float64-network/replay.js';

layers.Identity = ({ x }) => ({ output: x!.data, gradients: (dy) => ({ x: dy }) });
const images = Number(process.env.BATCH ?? 4);
const seeds = (process.env.SEEDS ?? '1').split(',').map(Number);
const modes = (process.env.MODES ?? 'direct,winograd').split(',');

function diff(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  let d = 0,
    s = 0;
  for (let i = 0; i < expected.length; i++) {
    d = Math.max(d, Math.abs(actual[i]! - expected[i]!));
    s = Math.max(s, Math.abs(expected[i]!));
  }
  return d / s;
}
async function step(seed: number) {
  const network = create('resnet20', { seed });
  const random = new Random(seed, 7);
  let x: any = tf.tensor4d(
    Float32Array.from({ length: images * 3072 }, () => random.normal()),
    [images, 32, 32, 3],
  );
  let labels: any = tf.tensor1d(
    Array.from({ length: images }, (_, i) => i % 10),
    'int32',
  );
  if (process.env.TRAIN) {
    const { readCifar10 } = await import('@resnet/data/node');
    const { perPixelMeanNormalization, toTensor, loader } = await import('@resnet/data');
    const { Sgd } = await import('@resnet/train');
    const set = await readCifar10('/tmp/cifar', 'train', { limit: 10000 });
    const norm = perPixelMeanNormalization(set);
    const opt = new Sgd(network, { momentum: 0.9, weightDecay: 1e-4 });
    let n = 0;
    for await (const batch of loader(set, { batchSize: 64, shuffle: true, seed }).epoch(0)) {
      if (n++ === Number(process.env.TRAIN)) { const t = toTensor(batch, norm); x.dispose(); x = tf.slice(t, 0, images); labels = tf.tensor1d(batch.labels.slice(0, images), 'int32'); break; }
      const t = toTensor(batch, norm), l = tf.tensor1d(batch.labels, 'int32');
      const { value, grads } = tf.variableGrads(() => softmaxCrossEntropy(network.forward(t), l as tf.Tensor1D), opt.variables);
      opt.step(grads, 0.1); tf.dispose([value, grads, t, l]);
    }
    opt.dispose();
  }
  const parameters = [...network.namedParameters()].filter(([, p]) => !p.isBuffer);
  let forward = 0;
  const run = () =>
    recordCalls([...new Set([...Object.keys(layers), ...kernelsAlone])], () =>
      tf.variableGrads(
        () => softmaxCrossEntropy(network.forward(x), labels),
        parameters.map(([, p]) => p.variable),
      ),
    );
  let r;
  if (process.env.WARM)
    tf.variableGrads(
      () => softmaxCrossEntropy(network.forward(x), labels),
      parameters.map(([, p]) => p.variable),
    );
  const rec = run(); const { result } = rec; const calls = rec.calls.filter((c) => c.kernel !== 'Identity' || c.inputs.x!.id !== c.outputs[0]!.id);
  forward = calls.findIndex((c) => c.kernel === 'SoftmaxCrossEntropy') + 1;
  const gradients = parameters.map(([name, p]) => ({
    name,
    id: p.variable.dataId,
    values: result.grads[p.variable.name]!.dataSync().slice(),
  }));
  return { loss: result.value.dataSync()[0]!, gradients, calls, forward };
}
it.each(modes)(
  '%s',
  async (mode) => {
    let dispose = () => {};
    if (mode === 'stock') {
      registerFilterGradient();
      await tf.setBackend('wasm');
      process.env.WARM = '1';
    } else {
      const b = await useBackend('wasm', { threads: 1, winograd: mode === 'winograd' });
      dispose = b.dispose;
    }
    for (const seed of seeds) {
      const { loss, gradients, calls, forward } = await step(seed);
      const t0 = performance.now();
      const r = replay(calls.slice(0, forward));
      const own = r.gradients(r.reluLayers.map(({ call }) => maskOf(call.outputs[0]!.values)));
      const theirs = r.gradients(r.reluLayers.map(({ beforeRelu }) => maskOf(beforeRelu)));
      const t1 = performance.now();
      const lines: string[] = [];
      let flips = 0,
        far = 0,
        yd = 0;
      const per: string[] = [];
      for (const { call, beforeRelu } of r.reluLayers) {
        let n = 0;
        const y = call.outputs[0]!.values;
        yd = Math.max(
          yd,
          diff(
            y,
            beforeRelu.map((v) => Math.max(0, v)),
          ),
        );
        for (let i = 0; i < y.length; i++)
          if (y[i]! > 0 !== beforeRelu[i]! > 0) {
            n++;
            far = Math.max(far, Math.abs(beforeRelu[i]!));
          }
        flips += n;
        per.push(String(n));
      }
      let a = 0,
        an = '',
        b = 0,
        bn = '',
        e = 0;
      for (const { name, id, values } of gradients) {
        const da = diff(values, own.get(id)!),
          db = diff(values, theirs.get(id)!),
          de = diff(own.get(id)!, theirs.get(id)!);
        if (da > a) [a, an] = [da, name];
        if (db > b) [b, bn] = [db, name];
        e = Math.max(e, Math.abs(db - de));
        if (process.env.ALL)
          lines.push(
            `${name.padEnd(28)} ${da.toExponential(1)} ${db.toExponential(1)} flips-only ${de.toExponential(1)}`,
          );
      }
      const lossId = calls[forward - 1]!.outputs[0]!.id;
      console.log(
        `${mode} seed ${seed} loss ${loss} rel ${Math.abs(loss / r.outputs.get(lossId)![0]! - 1).toExponential(1)} y ${yd.toExponential(1)} flips ${flips} [${per}] far ${far.toExponential(1)} own ${a.toExponential(1)} (${an}) theirs ${b.toExponential(1)} (${bn}) |theirs-flipsonly| ${e.toExponential(1)} ms ${Math.round(t1 - t0)}\n${lines.join('\n')}`,
      );
      if (process.env.ALONE) {
        const worst: Record<string, number[]> = {};
        const t = performance.now();
        for (const call of calls) {
          if (!kernelsAlone.includes(call.kernel)) continue;
          doAgain(call).forEach((exp, i) => {
            worst[call.kernel] ??= [];
            worst[call.kernel]![i] = Math.max(
              worst[call.kernel]![i] ?? 0,
              diff(call.outputs[i]!.values, exp),
            );
          });
        }
        console.log(
          mode,
          'alone',
          JSON.stringify(worst, (_, v) => (typeof v === 'number' ? v.toExponential(1) : v)),
          performance.now() - t,
        );
      }
    }
    dispose();
  },
  600000,
);
