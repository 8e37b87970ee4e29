import { type CurvesOf, drawCurves } from './curves.js';
import { sideBySide } from './side-by-side.js';

/** One network's curves, and where they end. */
export interface FinishedCurves extends CurvesOf {
  /** Shares of images misclassified at the end of the run, as `summarizeRun` of `@resnet/train` gives them. */
  trainingError: number;
  testError: number;
}

/** Where the paper's axes end. */
const PAPER_END = 0.2;

/**
 * Draws plain networks on the left and residual ones on the right, over the same axes, as the paper's Figure 6. The axis of
 * the error ends at 20 % as there, if no network ends above it, and otherwise at 100 %.
 *
 * @param plain finished runs of the same length, of the same depths in the same order as `residual`, at most 10
 * @returns an SVG document
 * @throws OPTION_INVALID
 */
export async function drawFigure6(
  plain: readonly FinishedCurves[],
  residual: readonly FinishedCurves[],
): Promise<string> {
  const ends = [...plain, ...residual].flatMap(({ trainingError, testError }) => [trainingError, testError]);
  const maxError = Math.max(...ends) < PAPER_END ? PAPER_END : 1;
  return sideBySide([
    await drawCurves('Plain networks', plain, { maxError }),
    await drawCurves('Residual networks', residual, { maxError }),
  ]);
}
