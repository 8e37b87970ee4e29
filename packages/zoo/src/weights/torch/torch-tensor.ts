import type { TensorData } from '@resnet/blocks';
import { quote } from '@resnet/files';
import { bytesPerValue, type Dtype, toFloat32 } from '../dtype.js';
import { isCount, valuesOf } from '../shape.js';
import { invalidTorch } from './torch-error.js';

/** The type of a storage's values. */
export interface StorageType {
  /** 'FloatStorage'. */
  name: string;
  /** Undefined for values that are not read, such as complex ones. */
  dtype: Dtype | undefined;
  /** Bytes of a value; undefined if they are not known. */
  bytes: number | undefined;
}

const dtypeOfStorage: Record<string, Dtype> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

/** Bytes of the values that are not read: in the legacy format the storages behind them are found by their sizes. */
const otherBytes: Record<string, number> = {
  ComplexDoubleStorage: 16,
  ComplexFloatStorage: 8,
  QInt32Storage: 4,
  QInt8Storage: 1,
  QUInt8Storage: 1,
  QUInt4x2Storage: 1,
  QUInt2x4Storage: 1,
};

/** @param name the name of a storage's class in Python: 'FloatStorage' */
export function typeOfStorage(name: string): StorageType {
  const dtype = Object.hasOwn(dtypeOfStorage, name) ? dtypeOfStorage[name] : undefined;
  const bytes = Object.hasOwn(otherBytes, name) ? otherBytes[name] : undefined;
  return { name, dtype, bytes: dtype === undefined ? bytes : bytesPerValue[dtype] };
}

/** A storage as a pickle names it: a run of values, which lie elsewhere in the file. */
export class TorchStorage {
  constructor(
    readonly key: string,
    readonly type: StorageType,
    readonly values: number,
  ) {}

  /** @throws WEIGHTS_INVALID if values of its type are not read */
  checkReadable(): void {
    if (this.type.dtype !== undefined) return;
    throw invalidTorch(
      `its state dict has tensors in a ${quote(this.type.name)}; read are ${Object.keys(dtypeOfStorage).join(', ')}. Convert them with .float() first`,
    );
  }

  /** @throws WEIGHTS_INVALID if the size of values of its type is not known */
  get byteLength(): number {
    if (this.type.bytes === undefined)
      throw invalidTorch(`it has a ${quote(this.type.name)}, of an unknown size`);
    return this.values * this.type.bytes;
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
    /** Whether its values are those of its storage, neither to be negated nor conjugated. */
    readonly isPlain = true,
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

  /** The values in row-major order, copied out of the storage's `bytes`; of a storage that is readable. */
  read(bytes: Uint8Array): TensorData {
    const dtype = this.storage.type.dtype!;
    const size = bytesPerValue[dtype];
    const shape = [...this.shape];
    if (this.#isContiguous()) {
      const begin = this.offset * size;
      return {
        shape,
        data: toFloat32(bytes.subarray(begin, begin + this.values * size), dtype),
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
    return { shape, data: toFloat32(packed, dtype) };
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
