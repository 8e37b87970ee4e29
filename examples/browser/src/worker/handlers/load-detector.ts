import { fetchWeights } from '../fetch-weights.js';
import type { Context } from '../handler.js';
import { type OpenDetector, replaceDetector } from '../session.js';

const builtIn = new URL('../../../weights/digits-detector.safetensors', import.meta.url);

/** What the page tells of a detector. */
export interface DetectorReport {
  file: string;
  /** The network of its trunk. */
  name: string;
  parameters: number;
  /** Of the images that it sees, in pixels. */
  shorterSide: number;
  classNames: readonly string[];
  notes: readonly string[];
}

/** Opens the weights of a detector: a file of this project's, or torchvision's `fasterrcnn_resnet50_fpn`. */
export async function loadDetector({
  name,
  bytes,
}: {
  name: string;
  bytes: ArrayBuffer;
}): Promise<DetectorReport> {
  return reportOf(replaceDetector({ name, bytes: new Uint8Array(bytes) }));
}

/** Opens the detector that the page brings: it finds handwritten digits. */
export async function loadBuiltInDetector(
  _: Record<never, never>,
  { signal }: Context,
): Promise<DetectorReport> {
  const bytes = await fetchWeights(builtIn, signal);
  return loadDetector({ name: 'digits-detector.safetensors', bytes });
}

function reportOf({ file, prepared, parameters, classNames, notes }: OpenDetector): DetectorReport {
  const { backbone, shorterSide } = prepared.settings;
  return { file: file.name, name: backbone.name, parameters, shorterSide, classNames, notes };
}
