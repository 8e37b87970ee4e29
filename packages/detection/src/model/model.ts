import { type StateDict, sketch } from '@resnet/blocks';
import { ResnetError } from '@resnet/core';
import { IMAGENET_NORMALIZATION, type Normalization } from '@resnet/data';
import { type FasterRcnn, fasterRcnn } from '../networks/faster-rcnn.js';
import { type DetectorSettings, detectorSettings } from '../networks/settings.js';
import { COCO_LABELS } from './coco-classes.js';

/** A tensor that all detectors have: the scores of the classes. */
const SCORES = 'roi_heads.box_predictor.cls_score.weight';

/** A detector with everything needed to use it. */
export interface DetectorModel {
  detector: FasterRcnn;
  /** How pixels become its input. */
  normalization: Normalization;
  /** The names of its classes, without the background, where they are known. */
  classNames?: readonly string[];
  /** What was recognized, left out and guessed: one statement each. */
  notes: readonly string[];
}

/**
 * Builds the detector that weights belong to, and loads them: a file of `saveDetector`, or the state dict of torchvision's
 * `fasterrcnn_resnet50_fpn` or its second version, with any number of classes.
 *
 * @returns a detector in inference mode, which owns its tensors until `dispose()`
 * @throws WEIGHTS_MISMATCH if the tensors are of no such detector; WEIGHTS_INVALID if the file's own description is broken
 */
export function openDetector(weights: {
  tensors: StateDict;
  metadata: Record<string, string>;
}): DetectorModel {
  const described = describedSettings(weights.metadata);
  const notes: string[] = [];
  const tensors = normalizedKeys(weights.tensors, notes);
  const settings = described?.settings ?? recognizedSettings(tensors, notes);
  outline(settings, described !== undefined).checkStateDict(tensors);
  const detector = fasterRcnn({ ...settings, initialize: false });
  detector.loadStateDict(tensors);
  detector.setTraining(false);
  const isOfCoco = !described && settings.classes === COCO_LABELS.length;
  if (isOfCoco) notes.push(`its ${COCO_LABELS.length} classes are taken to be COCO's category ids`);
  const classNames = isOfCoco ? COCO_LABELS : described?.classNames;
  return {
    detector,
    normalization: described?.normalization ?? IMAGENET_NORMALIZATION,
    ...(classNames && { classNames }),
    notes,
  };
}

/** Whether weights say that they are a detector's, by their description or by the names of their tensors. */
export function isDetector(weights: { tensors: StateDict; metadata: Record<string, string> }): boolean {
  return Object.hasOwn(weights.metadata, 'resnet.detector') || weights.tensors.has(SCORES);
}

/** A detector as tensors and metadata for a safetensors file that `openDetector` understands and PyTorch loads. */
export async function packDetector(model: Omit<DetectorModel, 'notes'>): Promise<{
  tensors: StateDict;
  metadata: Record<string, string>;
}> {
  return { tensors: await model.detector.stateDict(), metadata: detectorMetadata(model) };
}

/** What is known of a detector besides its weights, as the metadata of a file. */
export function detectorMetadata({
  detector,
  normalization,
  classNames,
}: Omit<DetectorModel, 'notes'>): Record<string, string> {
  // Nine digits tell any two float32 numbers apart.
  const numbers = (values: Float32Array) => Array.from(values, (value) => Number(value.toPrecision(9)));
  const { mean, std } = normalization;
  return {
    format: 'pt',
    'resnet.detector': JSON.stringify(detector.settings),
    'resnet.normalization': JSON.stringify({ mean: numbers(mean), std: numbers(std) }),
    ...(classNames && { 'resnet.classes': JSON.stringify(classNames) }),
  };
}

/** The detector without values, so that tensors are compared with it before memory is allocated for them. */
function outline(settings: DetectorSettings, isDescribed: boolean): FasterRcnn {
  try {
    return sketch(() => fasterRcnn({ ...settings, initialize: false }));
  } catch (cause) {
    if (!isDescribed || !ResnetError.is(cause)) throw cause;
    throw invalid(`its metadata 'resnet.detector' describes no detector: ${cause.message}`);
  }
}

interface Described {
  settings: DetectorSettings;
  normalization: Normalization | undefined;
  classNames: readonly string[] | undefined;
}

function describedSettings(metadata: Record<string, string>): Described | undefined {
  const settings = parsed(metadata, 'resnet.detector');
  if (settings === undefined) return undefined;
  checkSettings(settings);
  const { mean, std } = (parsed(metadata, 'resnet.normalization') ?? {}) as { mean?: unknown; std?: unknown };
  const isNumbers = (values: unknown): values is number[] =>
    Array.isArray(values) && values.length > 0 && values.every(Number.isFinite);
  const classNames = parsed(metadata, 'resnet.classes');
  const isNames = Array.isArray(classNames) && classNames.every((name) => typeof name === 'string');
  return {
    settings,
    normalization:
      isNumbers(mean) && isNumbers(std)
        ? { mean: Float32Array.from(mean), std: Float32Array.from(std) }
        : undefined,
    classNames: isNames && classNames.length === settings.classes ? classNames : undefined,
  };
}

function parsed(metadata: Record<string, string>, key: string): unknown {
  const text = Object.hasOwn(metadata, key) ? metadata[key]! : undefined;
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`its metadata '${key}' is broken: ${text.slice(0, 80)}`);
  }
}

/** Compares a stranger's settings with those that this package makes: the same fields of the same types, and sizes within limits. */
function checkSettings(value: unknown): asserts value is DetectorSettings {
  const { style, classes } = (value ?? {}) as Partial<DetectorSettings>;
  if ((style !== 'fpn' && style !== 'c4') || !Number.isInteger(classes) || classes! < 1) {
    throw invalid(
      `its metadata 'resnet.detector' describes no detector: ${JSON.stringify(value).slice(0, 80)}`,
    );
  }
  const expected = detectorSettings({ style, classes: classes! });
  const problem = difference('detector', expected, value, 0);
  if (problem) throw invalid(`its metadata 'resnet.detector' is broken: ${problem}`);
}

const MOST = 65_536;

const BACKBONE_KEYS = ['name', 'inChannels', 'shortcut', 'strideOn', 'stem', 'outputStride', 'imageSize'];

function difference(path: string, expected: unknown, found: unknown, depth: number): string | undefined {
  if (path === 'detector.backbone') {
    if (typeof found !== 'object' || found === null) return `${path} is no object`;
    const other = Object.keys(found).find((key) => !BACKBONE_KEYS.includes(key));
    return other === undefined ? undefined : `${path} has ${other.slice(0, 40)}`;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(found) || found.length === 0 || found.length > 16) return `${path} is no short list`;
    for (const [index, each] of found.entries()) {
      const problem = difference(`${path}[${index}]`, expected[0], each, depth + 1);
      if (problem) return problem;
    }
    return undefined;
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof found !== 'object' || found === null) return `${path} is missing`;
    for (const [key, each] of Object.entries(expected)) {
      const problem = difference(`${path}.${key}`, each, (found as Record<string, unknown>)[key], depth + 1);
      if (problem) return problem;
    }
    return undefined;
  }
  if (typeof expected !== typeof found) return `${path} must be a ${typeof expected}, found ${found}`;
  if (typeof found === 'number' && !(found >= 0 && found <= MOST)) return `${path} is ${found}`;
  return undefined;
}

/** Names as torchvision has them today: its first versions called two kinds of convolutions otherwise. */
function normalizedKeys(tensors: StateDict, notes: string[]): StateDict {
  const renamed: StateDict = new Map();
  let [counters, older] = [0, 0];
  for (const [name, tensor] of tensors) {
    if (name.endsWith('num_batches_tracked')) {
      counters++;
      continue;
    }
    const now = name
      .replace(/^rpn\.head\.conv\.(weight|bias)$/, 'rpn.head.conv.0.0.$1')
      .replace(/^(backbone\.fpn\.(?:inner|layer)_blocks\.\d+)\.(weight|bias)$/, '$1.0.$2');
    if (now !== name) older++;
    renamed.set(now, tensor);
  }
  if (counters > 0) notes.push(`${counters} counters of batches are left out`);
  if (older > 0) notes.push(`${older} tensors have the names of torchvision before 0.13`);
  return renamed;
}

/** The settings of torchvision's detectors, by their tensors. */
function recognizedSettings(tensors: StateDict, notes: string[]): DetectorSettings {
  const score = tensors.get(SCORES)?.shape[0];
  const isPyramid = tensors.has('backbone.fpn.inner_blocks.0.0.weight');
  if (score === undefined || score < 2 || !isPyramid || !tensors.has('backbone.body.conv1.weight')) {
    const [first = 'none'] = tensors.keys();
    throw new ResnetError(
      'WEIGHTS_MISMATCH',
      `The weights are of no detector that is known: expected those of torchvision's fasterrcnn_resnet50_fpn, or of a file that this package wrote; found ${tensors.size} tensors, the first '${first.slice(0, 80)}'.`,
    );
  }
  const version = tensors.has('roi_heads.box_head.fc6.weight') ? 1 : 2;
  const classes = score - 1;
  // Its first weights were trained with batch normalization frozen at an ε of 0.
  const isFirstCoco = version === 1 && classes === COCO_LABELS.length;
  notes.push(
    `torchvision's fasterrcnn_resnet50_fpn${version === 2 ? '_v2' : ''} with ${classes} classes, by its tensors`,
  );
  if (isFirstCoco) {
    notes.push('ε of batch normalization is 0, as in the weights that torchvision published for COCO');
  }
  return { ...detectorSettings({ classes, version }), ...(isFirstCoco && { epsilon: 0 }) };
}

function invalid(problem: string): ResnetError {
  return new ResnetError('WEIGHTS_INVALID', `The file is not what this package writes: ${problem}.`);
}
