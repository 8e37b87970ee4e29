import type { Draw } from './draw.js';

export type DataType = 'float32' | 'int32' | 'bool';

/** A tensor that is to be made: its values follow from its seed. */
export interface Spec {
  shape: number[];
  dtype: DataType;
  /** Integers in [0, below), for indices; otherwise small halves, integers or truth values. */
  below?: number;
}

export interface HostileCall {
  kernel: string;
  inputs: Record<string, Spec>;
  attributes: Record<string, unknown>;
  seed: number;
}

export type Body = Pick<HostileCall, 'inputs' | 'attributes'>;

/** Makes a call of the kernel of that name. */
export type MakeCall = (draw: Draw, kernel: string) => Body;

export const float = (shape: number[]): Spec => ({ shape, dtype: 'float32' });
export const int = (shape: number[], below: number): Spec => ({ shape, dtype: 'int32', below });
export const of = (dtype: DataType, shape: number[]): Spec => ({ shape, dtype });
