import { stat } from 'node:fs/promises';
import type { Backend } from '@resnet/backend';
import { defined, formatCount, formatPercent, ResnetError } from '@resnet/core';
import {
  type Averaging,
  checkClassOrder,
  type EvaluateEnsembleOptions,
  type Evaluation,
  type EvaluationFile,
  type EvaluationProgress,
  ensemble,
  evaluate,
  formatEvaluationFile,
  type Member,
} from '@resnet/eval';
import { writeWholeFile } from '@resnet/files/node';
import type { Classifier, Engine } from '@resnet/zoo';
import type { Context } from '../context.js';
import { type BackendChoice, withBackend } from '../shared/backend/with-backend.js';
import { BrokenImages, namingSkipBroken } from '../shared/data-sets/broken-images.js';
import { readTestData, type TestDataOptions } from '../shared/data-sets/chosen-data.js';
import { dataSet, type Images } from '../shared/data-sets/data-sets.js';
import { leftOutOf, leftOutRow } from '../shared/data-sets/left-out-files.js';
import { checkName } from '../shared/options/check-name.js';
import { checkOutput, type OutputOptions, reportPage } from '../shared/output-files/output-file.js';
import { startBar } from '../shared/progress/progress-bar.js';
import { whileShown } from '../shared/progress/while-shown.js';
import { formatSpeed } from '../shared/terminal/format.js';
import type { Io, Output } from '../shared/terminal/io.js';
import { printJson, printRows, type Row } from '../shared/terminal/print.js';
import { namingResume, resumeCommand } from '../shared/terminal/resume-command.js';
import { chosenNormalization, type NormalizationOptions } from '../shared/weights/chosen-normalization.js';
import { chosenView, type ViewOptions } from '../shared/weights/chosen-view.js';
import { type ClassMap, classMapOf } from '../shared/weights/class-map.js';
import { describeNetwork } from '../shared/weights/describe-network.js';
import { classifierOf, openClassifier, type WeightsOptions } from '../shared/weights/open-weights.js';
import { evaluationJson, evaluationRows } from './evaluation-rows.js';
import { differencesOf, subjectOf } from './evaluation-subject.js';
import { readClassNames } from './read-class-names.js';
import { readEvaluationFile } from './read-evaluation-file.js';
import { readRealLabels } from './real-labels.js';
import { writeReport } from './write-report.js';

export interface EvalOptions
  extends BackendChoice,
    TestDataOptions,
    WeightsOptions,
    NormalizationOptions,
    ViewOptions,
    OutputOptions {
  weights: string[];
  classNames?: string;
  engine: string;
  average: string;
  inTurn?: boolean;
  onlyClassesOfSet?: boolean;
  realLabels?: string;
  shard?: [number, number];
  batchSize: number;
  workers?: number;
  skipBroken?: boolean;
  out?: string;
  resume?: boolean;
  report?: string;
  json?: boolean;
}

/** One of the networks, with what is known of it before anything is computed. */
interface Candidate {
  weights: string;
  /** Their file. */
  file: string;
  /** What was taken off, left out or guessed of them. */
  notes: readonly string[];
  member: Member;
  architecture: Classifier['architecture'];
  classNames: readonly string[] | undefined;
  classes: ClassMap;
  origin: string;
  normalization: string;
  /** For people. */
  text: string;
}

/** How often the results so far are written to --out. */
const SAVE_EVERY_MS = 10_000;

/** Tests weights, or an ensemble of several, on the test images of a data set. */
export async function evaluateWeights(options: EvalOptions, context: Context): Promise<void> {
  const { dataset, json, out } = options;
  const { io } = context;
  if (out !== undefined && !options.inTurn) context.whenStopped = 'wait';
  const averaging = checkName('average', options.average, ['softmax', 'logits'] as const);
  const chosenSet = dataSet(dataset);
  if (options.resume && out === undefined) {
    throw new ResnetError(
      'OPTION_INVALID',
      '--resume resumes from the file that --out names. Give --out too.',
    );
  }
  if (!options.resume) await checkOutput(out, options, 'resume it with --resume, or name another file');
  if (options.report !== undefined)
    await checkOutput(reportPage(options.report), options, 'name another folder');
  const output = out === undefined ? undefined : new EvaluationOutput(out, options);
  await withBackend(options, io.stderr, async (backend) => {
    const set = await readTestData(chosenSet, options, io);
    const candidates: Candidate[] = [];
    try {
      for (const weights of options.weights) candidates.push(await candidate(weights, set, options, io));
      const [first] = candidates;
      checkClassOrder(candidates.map(({ weights, classes }) => ({ weights, numbers: classes.numbers })));
      const realLabels = options.realLabels ? await readRealLabels(options.realLabels, set) : undefined;
      const { classes } = first!;
      const classMap = classes.numbers;
      const file: Omit<EvaluationFile, 'evaluation'> = {
        subject: await subjectOf(candidates, set, {
          ...defined({ onlyClassesOfSet: options.onlyClassesOfSet, realLabels }),
          averaging,
          classes,
        }),
        total: set.count,
        classNames: namesOfNumbers(first!, set, options),
      };
      const soFar = options.resume ? await resumed(out!, file) : undefined;
      const broken = new BrokenImages(io.stderr);
      const evaluation = await withProgress(file, set, { ...options, output }, context, async (onProgress) =>
        evaluateCandidates(candidates, set, {
          ...defined({
            ...{ classMap, soFar, shard: options.shard, workers: options.workers, signal: io.signal },
            onlyClassesOfSet: options.onlyClassesOfSet,
            realLabels: realLabels?.lists,
            onBroken: options.skipBroken ? broken.report : undefined,
          }),
          averaging,
          batchSize: options.batchSize,
          onProgress,
        }),
      ).catch((error) => {
        if (options.skipBroken) throw error;
        throw namingSkipBroken(error, 'Leave such images out with --skip-broken.');
      });
      const whole = { ...file, evaluation };
      const written: string[] = [];
      if (output) {
        await output.write(whole);
        written.push(output.path);
      }
      if (options.report !== undefined) {
        written.push(await writeReport(options.report, whole, set, options, io.signal));
      }
      if (json) printJson(io.stdout, describedForPrograms(candidates, set, whole, backend, written));
      else print(io.stdout, candidates, set, whole, backend, written);
    } finally {
      for (const { member } of candidates) {
        if (typeof member.classifier !== 'function') member.classifier.dispose();
      }
    }
  });
}

async function candidate(weights: string, set: Images, options: EvalOptions, io: Io): Promise<Candidate> {
  const open = () => openClassifier(weights, options, io);
  // prepare refuses unknown engines.
  const engine = options.engine as Engine;
  const given = await readClassNames(options.classNames);
  const { model: opened, path: file } = await open();
  const { network, classNames, origin } = opened;
  try {
    const { normalization, text } = chosenNormalization(opened, options);
    const view = chosenView(options, set, opened);
    const classes = classMapOf(set, opened, given);
    const description = describeNetwork(network);
    const openAnew = async () => classifierOf((await open()).model, engine);
    if (options.inTurn) network.dispose();
    const classifier = options.inTurn ? openAnew : await classifierOf(opened, engine);
    return {
      weights,
      file,
      notes: origin.notes,
      architecture: network.architecture,
      classNames: given?.names ?? classNames,
      classes,
      origin: origin.network,
      text: `${description}; by ${origin.network}`,
      normalization: text,
      member: { classifier, normalization, view },
    };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

async function evaluateCandidates(
  candidates: readonly Candidate[],
  set: Images,
  { averaging, ...options }: EvaluateEnsembleOptions & { averaging: Averaging },
): Promise<Evaluation> {
  const [{ member }, ...others] = candidates as [Candidate, ...Candidate[]];
  if (others.length === 0 && typeof member.classifier !== 'function') {
    return evaluate(member.classifier, set, { ...options, ...member, averaging });
  }
  return evaluate(
    ensemble(
      candidates.map((candidate) => candidate.member),
      { averaging },
    ),
    set,
    options,
  );
}

/** The file that --out names. Once this command has written it, it may be replaced. */
class EvaluationOutput {
  private isOurs: boolean;

  constructor(
    readonly path: string,
    options: EvalOptions,
  ) {
    this.isOurs = options.resume === true || options.force === true;
  }

  async write(file: EvaluationFile): Promise<void> {
    await writeWholeFile(this.path, formatEvaluationFile(file), { replace: this.isOurs });
    this.isOurs = true;
  }
}

/** Shows the progress of an evaluation, and writes the results so far to the file of --out. */
async function withProgress(
  file: Omit<EvaluationFile, 'evaluation'>,
  { count }: Images,
  { output, shard = [0, 1], inTurn }: EvalOptions & { output: EvaluationOutput | undefined },
  context: Context,
  work: (onProgress: (progress: EvaluationProgress) => Promise<void>) => Promise<Evaluation>,
): Promise<Evaluation> {
  const { io } = context;
  // Of networks one after another, nothing is known before the last one.
  const saves = inTurn ? undefined : output;
  const bar = startBar(io.stderr, Math.round(count / shard[1]));
  let current: (() => Evaluation) | undefined;
  let savedAt = performance.now();
  const save = async () => {
    if (!saves || !current) return;
    await saves.write({ ...file, evaluation: current() });
    savedAt = performance.now();
  };
  const onProgress = async ({ count, top1Errors, evaluation }: EvaluationProgress) => {
    bar.update(count, inTurn ? 'images' : `images  error ${formatPercent(top1Errors / count)}`);
    current = evaluation;
    if (performance.now() - savedAt > SAVE_EVERY_MS) await save();
  };
  try {
    return await whileShown(bar, io, () => work(onProgress));
  } catch (error) {
    if (!saves || !current) throw error;
    const interrupted = namingResume(error, `What was found is in ${saves.path}.`, resumeCommand(context));
    if (interrupted !== error) await save();
    throw interrupted;
  }
}

/** The results of an earlier call, if there are some. @throws OPTION_INVALID if they are of something else, naming the differences */
async function resumed(
  path: string,
  file: Omit<EvaluationFile, 'evaluation'>,
): Promise<Evaluation | undefined> {
  if (!(await stat(path).catch(() => undefined))) return undefined;
  const found = await readEvaluationFile(path);
  const differences = differencesOf(found, file, ['there', 'here']);
  if (differences.length === 0) return found.evaluation;
  throw new ResnetError(
    'OPTION_INVALID',
    `${path} is an evaluation of something else, and can't be resumed:\n${differences.join('\n')}`,
  );
}

/** The names of an evaluation's classes, in their order: those of the weights, or else of the data. */
function namesOfNumbers(
  { architecture, classNames, classes: { numbers } }: Candidate,
  set: Images,
  { onlyClassesOfSet }: EvalOptions,
): readonly string[] {
  if (onlyClassesOfSet) return set.classes;
  if (classNames) return classNames;
  const names = Array.from({ length: architecture.classes }, (_, index) => `class ${index}`);
  for (const [index, number] of numbers.entries()) names[number] = set.classes[index]!;
  return names;
}

function describedForPrograms(
  candidates: readonly Candidate[],
  set: Images,
  { subject, total, evaluation }: EvaluationFile,
  { device }: Backend,
  written: readonly string[],
) {
  return {
    networks: candidates.map(({ weights, architecture, origin, notes, normalization }) => ({
      weights,
      architecture,
      origin,
      notes,
      normalization,
    })),
    data: subject.data,
    leftOut: leftOutOf(set),
    classes: classesForPrograms(candidates[0]!.classes),
    view: subject.view,
    ...defined({ realLabelsBy: subject['real labels'] }),
    total,
    device,
    ...evaluationJson(evaluation),
    written,
  };
}

function classesForPrograms({ numbers, ...told }: ClassMap) {
  return { count: numbers.length, ...told };
}

function print(
  stream: Output,
  candidates: readonly Candidate[],
  set: Images,
  { subject, total, evaluation }: EvaluationFile,
  { device }: Backend,
  written: readonly string[],
): void {
  const { count, seconds } = evaluation;
  const part = count === total ? '' : ` of ${formatCount(total)}`;
  printRows(stream, [
    ...candidates.flatMap(({ weights, text, normalization }): Row[] => [
      ['weights', weights],
      ['network', text],
      ['normalized by', normalization],
    ]),
    ['ensemble', candidates.length > 1 ? `of ${candidates.length}, ${subject.average}` : undefined],
    ['data', `${subject.data}, ${formatCount(count)}${part} images`],
    leftOutRow([set]),
    ['view', subject.view],
    ['classes', subject.classes],
    ['real labels', subject['real labels']],
    ['device', device],
  ]);
  stream.write('\n');
  printRows(stream, [
    ...evaluationRows(evaluation),
    ['speed', formatSpeed(count / seconds)],
    ['written', written],
  ]);
}
