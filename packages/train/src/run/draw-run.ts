import { drawCurves, drawLosses, drawPrecision, sideBySide } from '@resnet/charts';
import type { RunDescription } from './report.js';

/** The curves of a run: errors or mAP, and beside them what the loss is made of, where the task says it. As an SVG document. */
export async function drawRun({
  architecture,
  train,
  test,
  score,
  records,
}: RunDescription): Promise<string> {
  const label = architecture.name;
  const title = `${label}, trained on ${train.name}, tested on ${test.name}`;
  const draw = score === 'mAP' ? drawPrecision : drawCurves;
  const curves = await draw(title, [{ label, records }]);
  const trained = records.filter((record) => record.kind === 'train');
  if (!trained.some(({ losses }) => losses)) return curves;
  return sideBySide([curves, await drawLosses('Losses in training', trained)]);
}
