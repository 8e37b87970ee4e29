import { type Backend, useBackend } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import { type DetectionDataset, IMAGENET_NORMALIZATION } from '@resnet/data';
import { digitScenes } from '@resnet/data/node';
import { coded } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareDetector } from '../detect/prepared-detector.js';
import { evaluateDetector } from '../evaluate/evaluate-detector.js';
import { type FasterRcnn, fasterRcnn } from '../networks/faster-rcnn.js';
import { type DetectionRecipe, detectionRecipe } from './detection-recipe.js';
import type { DetectionFitOptions } from './detection-task.js';
import { fitDetector } from './fit-detector.js';

type Checkpoint = NonNullable<DetectionFitOptions['resume']>;

let backend: Backend;
let train: DetectionDataset;
let test: DetectionDataset;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
  train = await digitScenes({ count: 4, size: 64 });
  test = await digitScenes({ count: 2, size: 64, part: 'test' });
});
afterAll(() => backend.dispose());

const base = { normalization: IMAGENET_NORMALIZATION, recordEvery: 1, testEvery: 100, checkpointEvery: 1 };

function small(): FasterRcnn {
  return fasterRcnn({
    classes: 10,
    backbone: { name: 'resnet8-cifar', shortcut: 'B' },
    stages: ['layer2', 'layer3'],
    pyramid: { channels: 16, hasExtraLevel: false, isNormalized: false },
    anchors: { sizes: [[16], [32]], ratios: [1] },
    rpn: { depth: 1, channels: 16 },
    head: {
      ...{ kind: 'two-layer', features: 32, size: 3, pooling: 'align', samplingRatio: 2, aligned: true },
      ...{ canonicalSize: 128, hasContext: false },
    },
    ...{ shorterSide: 64, longestSide: 64 },
  });
}

function recipe(changes: Partial<DetectionRecipe> = {}): DetectionRecipe {
  return detectionRecipe('detection-small', {
    ...{ batchSize: 2, iterations: 4, flips: 'both', reestimateImages: 4, warmup: null },
    ...changes,
  });
}

async function fitted({
  detectorState,
  ...options
}: Partial<DetectionFitOptions> & { detectorState?: StateDict } = {}) {
  const detector = small();
  if (detectorState) detector.loadStateDict(detectorState);
  const records: object[] = [];
  const checkpoints: Checkpoint[] = [];
  await fitDetector(detector, {
    ...{ ...base, recipe: recipe(), train, test },
    onRecord: ({ ...record }) => {
      const { imagesPerSecond, waiting, seconds, ...others } = record as Record<string, unknown>;
      records.push(others);
    },
    onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
    ...options,
  });
  const state: StateDict = await detector.stateDict();
  detector.dispose();
  return { state, records, checkpoints };
}

describe('fitDetector', () => {
  it('resumes from any checkpoint with the same weights and records, to the bit', async () => {
    const before = tf.memory().numTensors;
    const whole = await fitted();
    expect(whole.records.at(-1)).toMatchObject({ kind: 'test', count: 2, loss: expect.any(Number) });
    expect(whole.records[0]).toMatchObject({
      losses: {
        objectness: expect.any(Number),
        proposalBox: expect.any(Number),
        class: expect.any(Number),
        box: expect.any(Number),
      },
    });
    for (const resume of whole.checkpoints.slice(0, 3)) {
      const rest = await fitted({ resume });
      expect(rest.state).toEqual(whole.state);
      expect(rest.records).toEqual(whole.records.slice(resume.iteration));
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('learns', async () => {
    const losses = (await fitted({ recipe: recipe({ iterations: 30, learningRate: 0.02 }) })).records
      .filter((record) => 'loss' in record && 'losses' in record)
      .map((record) => (record as { loss: number }).loss);
    const mean = (some: number[]) => some.reduce((sum, loss) => sum + loss, 0) / some.length;
    expect(mean(losses.slice(-5))).toBeLessThan(0.6 * mean(losses.slice(0, 5)));
  });

  it('computes a batch in parts', async () => {
    const { records } = await fitted({ recipe: recipe({ accumulation: 2, iterations: 1 }) });
    expect(Number.isFinite((records[0] as { loss: number }).loss)).toBe(true);
  });

  it('learns background from images without objects, and of crowds and difficult objects nothing', async () => {
    const empty: DetectionDataset = {
      ...train,
      objects: (index) => {
        const { boxes, labels } = train.objects(index);
        if (index % 2 === 0) return { boxes: new Float64Array(0), labels: new Int32Array(0) };
        const marks = new Uint8Array(labels.length).fill(1);
        return index === 1 ? { boxes, labels, crowd: marks } : { boxes, labels, difficult: marks };
      },
    };
    const { records } = await fitted({ train: empty, recipe: recipe({ iterations: 2 }) });
    for (const record of records.slice(0, 2)) {
      expect(record).toMatchObject({ losses: { box: 0, proposalBox: 0 }, loss: expect.any(Number) });
    }
  });

  it('trains one network and leaves the other as it is, in four steps', async () => {
    const of = (learns: DetectionRecipe['examples']['learns'], changes: Partial<DetectionRecipe> = {}) =>
      recipe({ iterations: 2, ...changes, examples: { ...recipe().examples, learns } });
    const untrained = small();
    const start = await untrained.stateDict();
    untrained.dispose();
    const moved = (state: StateDict, from: StateDict) =>
      new Set(
        [...state].flatMap(([name, { data }]) =>
          data.every((value, at) => value === from.get(name)!.data[at])
            ? []
            : [name.split('.').slice(0, 2).join('.')],
        ),
      );
    const shared = ['backbone.body', 'backbone.fpn'];

    const first = await fitted({ recipe: of('proposals') });
    expect(moved(first.state, start)).toEqual(new Set([...shared, 'rpn.head']));
    expect(first.records[0]).toMatchObject({ losses: { objectness: expect.any(Number) } });
    expect(Object.keys((first.records[0] as { losses: object }).losses)).toHaveLength(2);
    expect(first.records.at(-1)).toMatchObject({ measures: { averageRecall: expect.any(Number) } });

    const proposer = small();
    proposer.loadStateDict(first.state);
    proposer.setTraining(false);
    const second = await fitted({ recipe: of('regions'), proposer });
    expect(moved(second.state, start)).toEqual(
      new Set([...shared, 'roi_heads.box_head', 'roi_heads.box_predictor']),
    );
    expect(Object.keys((second.records[0] as { losses: object }).losses).sort()).toEqual(['box', 'class']);
    // Its own proposals are others.
    const own = await fitted({ recipe: of('regions') });
    expect(own.state.get('backbone.body.conv1.weight')).not.toEqual(
      second.state.get('backbone.body.conv1.weight'),
    );
    expect(await proposer.stateDict()).toEqual(first.state);
    proposer.dispose();

    const third = await fitted({
      recipe: of('proposals', { frozenThrough: 'backbone' }),
      detectorState: second.state,
    });
    expect(moved(third.state, second.state)).toEqual(new Set(['rpn.head']));
    const fourth = await fitted({
      recipe: of('regions', { frozenThrough: 'backbone' }),
      detectorState: third.state,
    });
    expect(moved(fourth.state, third.state)).toEqual(
      new Set(['roi_heads.box_head', 'roi_heads.box_predictor']),
    );
  });

  it('refuses a proposer where the proposals learn too, and one of another size', async () => {
    const proposer = small();
    await expect(fitted({ proposer })).rejects.toEqual(coded('OPTION_INVALID', 'both'));
    const larger = { ...proposer.settings, shorterSide: 96 };
    const other = Object.create(proposer, { settings: { value: larger } });
    const alone = recipe({ examples: { ...recipe().examples, learns: 'regions' } });
    await expect(fitted({ recipe: alone, proposer: other })).rejects.toEqual(coded('OPTION_INVALID', '96'));
    proposer.dispose();
  });

  it('refuses sets whose classes are not the detector’s', async () => {
    const fewer = { ...train, classes: train.classes.slice(1) };
    await expect(fitted({ train: fewer })).rejects.toEqual(coded('SHAPE_MISMATCH', '9'));
    const other = { ...test, classes: test.classes.toReversed() };
    await expect(fitted({ test: other })).rejects.toEqual(coded('DATA_INVALID', 'same order'));
    expect(() => detectionRecipe('voc')).toThrow(coded('UNKNOWN_NAME', 'voc-paper'));
    expect(() => detectionRecipe('voc-paper', { batchSize: 0 })).toThrow(coded('OPTION_INVALID'));
  });
});

describe('evaluateDetector', () => {
  it('finds classes by name, leaves out those that the set lacks, and ends after the signal', async () => {
    const detector = small();
    detector.setTraining(false);
    const prepared = prepareDetector(detector);
    const { normalization } = base;
    const names = test.classes.toReversed();
    const all = {
      proposals: { before: 50, after: 50, overlap: 0.7, smallest: 1 },
      results: { score: 0, overlap: 0.5, voting: null, count: 100, smallest: 1 },
      isRefined: false,
      scales: [],
    };
    const found = await evaluateDetector(prepared, test, { normalization, settings: all });
    const byName = await evaluateDetector(prepared, test, {
      normalization,
      settings: all,
      classNames: names,
    });
    const labels = (evaluation: typeof found) => [...(evaluation.images[0]!.detections.labels as Int32Array)];
    expect(labels(found).length).toBeGreaterThan(0);
    expect(labels(byName)).toEqual(labels(found).map((label) => 9 - label));
    const three = {
      ...test,
      classes: ['7', '3', '1'],
      objects: () => ({ boxes: new Float64Array(0), labels: new Int32Array(0) }),
    };
    const few = await evaluateDetector(prepared, three, {
      normalization,
      settings: all,
      classNames: test.classes,
    });
    expect(Math.max(...labels(few))).toBeLessThan(3);
    expect(few.voc.map).toBe(-1);
    await expect(evaluateDetector(prepared, three, { normalization })).rejects.toEqual(
      coded('SHAPE_MISMATCH', '3 names'),
    );
    await expect(
      evaluateDetector(prepared, test, { normalization, signal: AbortSignal.abort() }),
    ).rejects.toEqual(coded('ABORTED'));
    prepared.dispose();
    detector.dispose();
  });
});
