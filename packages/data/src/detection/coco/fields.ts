import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import type { JsonRecord } from './json-records.js';

/** The fields of a record, each checked when it is taken. */
export class Fields {
  readonly #record: JsonRecord;
  readonly #where: string;

  /** @param where the record and its file, for messages */
  constructor(record: JsonRecord, where: string) {
    this.#record = record;
    this.#where = where;
  }

  invalid(expected: string, found: string): ResnetError {
    return new ResnetError('DATA_INVALID', `${this.#where} must have ${expected}, found ${found}.`);
  }

  has(name: string): boolean {
    return this.#record[name] !== undefined && this.#record[name] !== null;
  }

  integer(name: string, least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#record[name];
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most)
      return value as number;
    const range = least === Number.MIN_SAFE_INTEGER ? '' : ` from ${least} to ${most}`;
    throw this.invalid(`${name}, an integer${range}`, shown(value));
  }

  number(name: string): number {
    const value = this.#record[name];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.invalid(`${name}, a number`, shown(value));
  }

  text(name: string): string {
    const value = this.#record[name];
    if (typeof value === 'string' && value !== '') return value;
    throw this.invalid(`${name}, a text`, shown(value));
  }

  /** x, y, width and height. */
  box(name: string): [number, number, number, number] {
    const value = this.#record[name];
    const isNumber = (entry: unknown) => typeof entry === 'number' && Number.isFinite(entry);
    if (Array.isArray(value) && value.length === 4 && value.every(isNumber)) {
      return value as [number, number, number, number];
    }
    throw this.invalid(`${name}, the four numbers x, y, width, height`, shown(value));
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : quote(JSON.stringify(value));
}
