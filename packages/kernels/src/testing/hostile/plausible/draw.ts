import { uniformValues } from '../../random.js';
import type { DataType } from './call.js';

/** Choices that follow from a seed. */
export class Draw {
  private readonly uniform: () => number;
  constructor(seed: number) {
    this.uniform = uniformValues(seed);
  }
  int(min: number, max: number): number {
    return min + Math.floor(this.uniform() * (max - min + 1));
  }
  pick<T>(...values: T[]): T {
    return values[this.int(0, values.length - 1)]!;
  }
  bool(): boolean {
    return this.int(0, 1) === 1;
  }
  shape(minRank: number, maxRank: number, most = 4): number[] {
    return Array.from({ length: this.int(minRank, maxRank) }, () => this.int(1, most));
  }

  anyType(): DataType {
    return this.pick('float32', 'float32', 'float32', 'int32', 'bool');
  }
  numberType(): DataType {
    return this.pick('float32', 'float32', 'int32');
  }
  imageType(): DataType {
    return this.pick('float32', 'float32', 'float32', 'int32');
  }
}
