import { type ErrorCode, ResnetError } from '@resnet/core';

/** What is asked for at an address, and how messages speak of it. */
export interface Target {
  url: string;
  /** 'model.safetensors of timm/resnet50'. */
  name: string;
  /** Who is said to have it, at the start of a sentence: 'The hub'. */
  server: string;
  /** The codes of the errors for a file that is not there, and for one that is not the right one. */
  codes: { missing: ErrorCode; corrupt: ErrorCode };
  /** What a person can do where the server refuses it, as whole sentences. */
  forbiddenAdvice: string;
}

/** A file of which it is known what must come. */
export interface RemoteFile extends Target {
  /** Its size. */
  bytes: number;
  /** What it is checked by, for messages: 'sha256 …'. */
  checksum: string;
}

/** The error for a file that is not the one that was asked for. */
export function corrupt({ server, name, codes }: Target, problem: string): ResnetError {
  return new ResnetError(codes.corrupt, `${server} does not have the right ${name}: ${problem}.`);
}

/**
 * For messages, how to get a file on a machine that has a network: 'fetch https://… (97.8 MB, sha256 …)
 * elsewhere'.
 */
export function fetchElsewhere({ url, bytes, checksum }: RemoteFile): string {
  return `fetch ${url} (${(bytes / 1e6).toFixed(1)} MB, ${checksum}) elsewhere`;
}
