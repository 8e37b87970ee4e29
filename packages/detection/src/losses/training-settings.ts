import type { ProposalSettings } from '../proposals/propose.js';
import type { SampleSettings } from '../proposals/sampling.js';

/** How a detector is trained, apart from its optimizer: plain data. */
export interface DetectorTraining {
  anchors: SampleSettings;
  proposals: ProposalSettings;
  regions: SampleSettings;
  /**
   * Which of the two networks learns. 'both' is joint training, which later code does; the paper trains one after the other, 'proposals'
   * and then 'regions' (Section 4.3, Appendix A).
   */
  learns: 'both' | 'proposals' | 'regions';
  /** Below this distance the losses of boxes are squared. */
  beta: number;
}

/** dx, dy, dw and dh of regions are that many times larger than of anchors, so that their deviations are about 1. */
export const REGION_WEIGHTS = [10, 10, 5, 5] as const;

/** torchvision's (`faster_rcnn.py`, `roi_heads.py`). */
const ofPyramids: DetectorTraining = {
  anchors: { count: 256, positiveShare: 0.5, high: 0.7, low: 0.3, lowest: 0 },
  proposals: { before: 2000, after: 2000, overlap: 0.7, smallest: 1e-3 },
  regions: { count: 512, positiveShare: 0.25, high: 0.5, low: 0.5, lowest: 0 },
  learns: 'both',
  beta: 1 / 9,
};

/** The authors' of Faster R-CNN (`fast_rcnn/config.py`), whose hyper-parameters the paper takes. */
const ofStages: DetectorTraining = {
  anchors: { count: 256, positiveShare: 0.5, high: 0.7, low: 0.3, lowest: 0 },
  proposals: { before: 12_000, after: 2000, overlap: 0.7, smallest: 16 },
  regions: { count: 128, positiveShare: 0.25, high: 0.5, low: 0.5, lowest: 0.1 },
  learns: 'both',
  beta: 1 / 9,
};

export function trainingSettings(style: 'fpn' | 'c4'): DetectorTraining {
  return style === 'fpn' ? ofPyramids : ofStages;
}
