import { type ErrorCode, ResnetError } from '@resnet/core';

/** A file at a URL, and how messages describe it. */
export interface Target {
  url: string;
  /** 'model.safetensors of timm/resnet50'. */
  name: string;
  /** The server, for the start of a sentence: 'The hub'. */
  server: string;
  /** The error codes for a missing file and for a wrong one. */
  codes: { missing: ErrorCode; corrupt: ErrorCode };
  /** What to do if the server refuses the file, in whole sentences. */
  forbiddenAdvice: string;
}

/** A file of known size and checksum. */
export interface RemoteFile extends Target {
  /** Its size. */
  bytes: number;
  /** For messages: 'sha256 …'. */
  checksum: string;
}

/** The error for a file that is not the expected one. */
export function corrupt({ server, name, codes }: Target, problem: string): ResnetError {
  return new ResnetError(codes.corrupt, `${server} does not have the right ${name}: ${problem}.`);
}

/**
 * For messages, how to get a file on a machine with a network: 'fetch https://… (97.8 MB, sha256 …) elsewhere'.
 */
export function fetchElsewhere({ url, bytes, checksum }: RemoteFile): string {
  return `fetch ${url} (${(bytes / 1e6).toFixed(1)} MB, ${checksum}) elsewhere`;
}
