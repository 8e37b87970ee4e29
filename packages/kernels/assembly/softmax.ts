// Softmax cross-entropy with its gradient, and the exponential that it needs: the library's exponential keeps a table in
// memory, which belongs to tfjs.

@unmanaged
export class SoftmaxCrossEntropyTask {
  logits: usize;
  /** int32 [rows]; a label outside the classes counts as a one-hot row of zeros. */
  labels: usize;
  rows: i32;
  classes: i32;
  dLogits: usize;
  /** float64 [rows][2]: the sum of exp(logit - largest), and the label's logit - largest. */
  terms: usize;
}

/** A row is a chunk. */
export function softmaxCrossEntropy(task: SoftmaxCrossEntropyTask, chunk: i32, _scratch: usize): void {
  const classes = <usize>task.classes;
  const logits = task.logits + ((<usize>chunk * classes) << 2);
  const gradients = task.dLogits + ((<usize>chunk * classes) << 2);
  let largest = load<f32>(logits);
  for (let k: usize = 1; k < classes; k++) largest = max<f32>(largest, load<f32>(logits + (k << 2)));
  let total: f64 = 0;
  for (let k: usize = 0; k < classes; k++) {
    const value = exponential(load<f32>(logits + (k << 2)) - largest);
    store<f32>(gradients + (k << 2), value);
    total += <f64>value;
  }
  const factor = 1 / (total * <f64>task.rows);
  const label = load<i32>(task.labels + ((<usize>chunk) << 2));
  const terms = task.terms + ((<usize>chunk) << 4);
  f64.store(terms, total);
  f64.store(terms + 8, 0);
  for (let k: usize = 0; k < classes; k++) {
    let value = <f64>load<f32>(gradients + (k << 2));
    if (k == <usize>label) {
      f64.store(terms + 8, <f64>load<f32>(logits + (k << 2)) - <f64>largest);
      // In float64, as a probability may be almost 1.
      value -= total;
    }
    store<f32>(gradients + (k << 2), <f32>(value * factor));
  }
}

/** e^x for x ≤ 0 in float32, to one unit in the last place: 2^n · e^r with |r| ≤ ln 2 / 2, e^r by Taylor's series. */
function exponential(x: f32): f32 {
  if (x != x) return x;
  if (x < -104) return 0;
  const value = <f64>x;
  const n = nearest<f64>(value * 1.4426950408889634);
  const r = value - n * 0.6931471805599453;
  let sum: f64 = 1.0 / 40320;
  sum = sum * r + 1.0 / 5040;
  sum = sum * r + 1.0 / 720;
  sum = sum * r + 1.0 / 120;
  sum = sum * r + 1.0 / 24;
  sum = sum * r + 1.0 / 6;
  sum = sum * r + 0.5;
  sum = sum * r + 1;
  sum = sum * r + 1;
  return <f32>(sum * reinterpret<f64>((<i64>n + 1023) << 52));
}
