import { drawCurves, drawLosses, drawPrecision, sideBySide } from '@resnet/charts';
import type { RunDescription } from './report.js';

/** The curves of a run: errors, or mAP or recall, and beside them what the loss is made of, where the task says it. As an SVG document. */
export async function drawRun({
  architecture,
  train,
  test,
  score = 'error',
  records,
}: RunDescription): Promise<string> {
  const label = architecture.name;
  const title = `${label}, trained on ${train.name}, tested on ${test.name}`;
  const runs = [{ label, records }];
  const curves = await (score === 'error' ? drawCurves(title, runs) : drawPrecision(title, runs, score));
  const trained = records.filter((record) => record.kind === 'train');
  if (!trained.some(({ losses }) => losses)) return curves;
  return sideBySide([curves, await drawLosses('Losses in training', trained)]);
}
