import { areaOf, sharedArea } from './overlap.js';

/** Truths of one class in all images, as detections are matched with them. */
export interface MatchedTruths {
  boxes: Float64Array;
  crowd: Uint8Array;
  /** 1 for those that need not be found: whatever matches them does not count. */
  ignored: Uint8Array;
  /** For each truth a bit for each threshold: whether a detection has it. */
  taken: Uint16Array;
}

/** The truths that a detection overlaps enough at the lowest threshold. */
export class Candidates {
  truths: number[] = [];
  overlaps: number[] = [];

  /**
   * Looks for those of one image, in float64 as pycocotools' `bbIou` computes overlaps: with a crowd, the share of the detection that
   * lies in it.
   *
   * @param from first truth of the image; `to` is the one after the last
   */
  find(
    { boxes, crowd }: Pick<MatchedTruths, 'boxes' | 'crowd'>,
    range: { from: number; to: number },
    detections: Float64Array,
    detection: number,
    lowest: number,
  ): void {
    this.truths.length = this.overlaps.length = 0;
    const area = areaOf(detections, 4 * detection);
    for (let truth = range.from; truth < range.to; truth++) {
      const shared = sharedArea(detections, 4 * detection, boxes, 4 * truth);
      if (shared === 0) continue;
      const overlap = shared / (crowd[truth] ? area : area + areaOf(boxes, 4 * truth) - shared);
      if (overlap < lowest) continue;
      this.truths.push(truth);
      this.overlaps.push(overlap);
    }
  }
}

/**
 * The truth that a detection gets, as pycocotools' `evaluateImg` decides it: of those that are free, the one that it overlaps most, the
 * last of those that it overlaps as much; one that is ignored only if it gets no other. A crowd is always free.
 *
 * @param bit of the threshold in `taken`
 * @returns −1 for none
 */
export function bestMatch(
  { truths, overlaps }: Candidates,
  { crowd, ignored, taken }: Omit<MatchedTruths, 'boxes'>,
  threshold: number,
  bit: number,
): number {
  let best = -1;
  let least = Math.min(threshold, 1 - 1e-10);
  for (let isIgnored = 0; isIgnored < 2 && best < 0; isIgnored++) {
    for (let index = 0; index < truths.length; index++) {
      const truth = truths[index]!;
      if (ignored[truth] !== isIgnored || overlaps[index]! < least) continue;
      if (taken[truth]! & bit && !crowd[truth]) continue;
      least = overlaps[index]!;
      best = truth;
    }
  }
  return best;
}
