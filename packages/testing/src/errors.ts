import type { ErrorCode } from '@resnet/core';
import { expect } from 'vitest';

/** Matches an error of this project with a code and a text in its message. */
export const coded = (code: ErrorCode, text = '') =>
  expect.objectContaining({ name: 'ResnetError', code, message: expect.stringContaining(text) });

/** Matches an error with a code, and with these texts or patterns in its message. */
export const refusal = (code: string, ...parts: (string | RegExp)[]) =>
  expect.toSatisfy(
    (error: Error & { code?: string }) =>
      error.code === code &&
      parts.every((part) =>
        typeof part === 'string' ? error.message.includes(part) : part.test(error.message),
      ),
    `${code} with ${parts.join(', ')}`,
  );
