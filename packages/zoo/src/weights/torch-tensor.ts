import type { TensorData } from '@resnet/blocks';
import { bytesPerValue, type Dtype, toFloat32 } from './dtype.js';
import { isCount, valuesOf } from './shape.js';
import { invalidTorch } from './torch-error.js';

/** A storage as a pickle names it: a run of values, which lie elsewhere in the file. */
export class TorchStorage {
  constructor(
    readonly key: string,
    readonly dtype: Dtype,
    readonly values: number,
  ) {}

  get byteLength(): number {
    return this.values * bytesPerValue[this.dtype];
  }
}

/** A tensor as a pickle describes it: a strided view of a storage, checked to lie inside it. Strides count values. */
export class TorchTensor {
  readonly values: number;

  /** @throws WEIGHTS_INVALID if the view reaches outside of the storage or is no view at all */
  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    const values = valuesOf(shape);
    if (values === undefined || shape.length > 64 || strides.length !== shape.length) {
      throw invalidTorch('it has a tensor without a shape and strides that fit');
    }
    if (![offset, ...strides].every(isCount)) {
      throw invalidTorch('it has a tensor with an offset or a stride that is no count');
    }
    const last = shape.reduce((sum, dimension, axis) => sum + (dimension - 1) * strides[axis]!, offset);
    if (values > 0 && last >= storage.values) {
      throw invalidTorch(
        `it has a tensor of shape [${shape.join(', ')}] that ends at value ${last + 1} of a storage of ${storage.values}`,
      );
    }
    this.values = values;
  }

  /** The values in row-major order, copied out of the storage's `bytes`. */
  read(bytes: Uint8Array): TensorData {
    const size = bytesPerValue[this.storage.dtype];
    const shape = [...this.shape];
    if (this.#isContiguous()) {
      const begin = this.offset * size;
      return {
        shape,
        data: toFloat32(bytes.subarray(begin, begin + this.values * size), this.storage.dtype),
      };
    }
    const packed = new Uint8Array(this.values * size);
    const index = new Array<number>(shape.length).fill(0);
    let source = this.offset;
    for (let target = 0; target < packed.length; target += size) {
      for (let byte = 0; byte < size; byte++) packed[target + byte] = bytes[source * size + byte]!;
      // Step to the next index in row-major order, like an odometer: the last axis turns fastest.
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        index[axis]!++;
        source += this.strides[axis]!;
        if (index[axis]! < shape[axis]!) break;
        source -= shape[axis]! * this.strides[axis]!;
        index[axis] = 0;
      }
    }
    return { shape, data: toFloat32(packed, this.storage.dtype) };
  }

  #isContiguous(): boolean {
    let expected = 1;
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      const dimension = this.shape[axis]!;
      if (dimension !== 1 && this.strides[axis] !== expected) return this.values === 0;
      expected *= dimension;
    }
    return true;
  }
}
