import { type DetectedImage, type DetectionMistake, findMistakes, type MistakeKind } from '@resnet/boxes';

/** The kinds of mistakes, in the order of a page. */
export const KINDS = [
  'class',
  'both',
  'localization',
  'duplicate',
  'background',
  'missed',
] as const satisfies readonly MistakeKind[];

/** A box in pixels of the image, x1, y1, x2, y2, and its class. */
export interface LabeledBox {
  box: readonly [number, number, number, number];
  label: number;
}

/** A mistake with all that is shown of it. */
export interface ShownMistake {
  kind: MistakeKind;
  /** Index among the images. */
  image: number;
  /** The name of the image. */
  name: string;
  /** Absent for objects that were missed. */
  detected?: LabeledBox & { score: number };
  /** The object that was missed, or that the detection overlaps; absent for background. */
  object?: LabeledBox;
  /** Intersection over union of the two. */
  overlap?: number;
}

export interface MistakeSummary {
  /** The lowest probability of the detections that count. */
  score: number;
  /** Detections that found their object. */
  matches: number;
  /** Mistakes of each kind. */
  counts: Readonly<Record<MistakeKind, number>>;
  /** The worst of each kind. */
  shown: readonly ShownMistake[];
}

/**
 * Counts the mistakes of a detector by kind, and chooses those to look at: of each kind the surest ones. Missed objects have no
 * probability: one of each image comes first, so that more images are seen.
 *
 * @param images those without a name are called by their indices
 * @param options.score the lowest probability of the detections that count: 0.5 by default
 * @param options.most mistakes of a kind that are shown: 12 by default
 * @throws OPTION_INVALID, SHAPE_MISMATCH, DATA_INVALID as `findMistakes` of `@resnet/boxes`
 */
export function summarizeMistakes(
  images: readonly DetectedImage[],
  classNames: readonly string[],
  { score = 0.5, most = 12 }: { score?: number; most?: number } = {},
): MistakeSummary {
  const sure = images.map((image) => withScores(image, score));
  const { matches, mistakes } = findMistakes(sure, { classes: classNames });
  const ofKind = (kind: MistakeKind) => mistakes.filter((mistake) => mistake.kind === kind);
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, ofKind(kind).length]));
  const worst = KINDS.flatMap((kind) => {
    const all = ofKind(kind);
    return (kind === 'missed' ? byImage(all) : all).slice(0, most);
  });
  return {
    ...{ score, matches: matches.length, counts: counts as MistakeSummary['counts'] },
    shown: worst.map((mistake) => describe(mistake, sure[mistake.image]!)),
  };
}

function withScores(image: DetectedImage, least: number): DetectedImage {
  const { boxes, labels, scores } = image.detections;
  const kept = Array.from(scores, (score, index) => (score >= least ? index : -1)).filter(
    (index) => index >= 0,
  );
  const detections = {
    boxes: kept.flatMap((index) => boxAt(boxes, index)),
    labels: kept.map((index) => labels[index]!),
    scores: kept.map((index) => scores[index]!),
  };
  return { ...image, detections };
}

function describe(
  { kind, image, detection, score, truth, overlap }: DetectionMistake,
  of: DetectedImage,
): ShownMistake {
  const at = ({ boxes, labels }: { boxes: ArrayLike<number>; labels: ArrayLike<number> }, index: number) => ({
    box: boxAt(boxes, index),
    label: labels[index]!,
  });
  return {
    ...{ kind, image, name: of.name ?? `image ${image}` },
    ...(detection !== undefined && { detected: { ...at(of.detections, detection), score: score! } }),
    ...(truth !== undefined && { object: at(of.truth, truth) }),
    ...(overlap !== undefined && { overlap }),
  };
}

function boxAt(boxes: ArrayLike<number>, index: number): [number, number, number, number] {
  return [0, 1, 2, 3].map((side) => boxes[4 * index + side]!) as [number, number, number, number];
}

/** The first of each image, then the second of each, and so on. */
function byImage(mistakes: readonly DetectionMistake[]): DetectionMistake[] {
  const before = new Map<number, number>();
  const ranked = mistakes.map((mistake) => {
    const rank = before.get(mistake.image) ?? 0;
    before.set(mistake.image, rank + 1);
    return { mistake, rank };
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ mistake }) => mistake);
}
