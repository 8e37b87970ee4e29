import { describe, expect, it, vi } from 'vitest';
import { throwIfAborted } from './abort.js';
import { ResnetError } from './error.js';
import { unknownName } from './unknown-name.js';

describe('ResnetError', () => {
  it('is known by its mark, across copies of this package', () => {
    const error = new ResnetError('OPTION_INVALID', 'no such option');
    expect(ResnetError.is(error)).toBe(true);
    expect(ResnetError.is({ [Symbol.for('resnet.error')]: true })).toBe(true);
    expect(ResnetError.is(new Error('no such option'))).toBe(false);
    expect(ResnetError.is(null)).toBe(false);
  });

  it('of another copy is known by its mark, but not by its class', async () => {
    vi.resetModules();
    const copy = await import('./error.js');
    expect(copy.ResnetError).not.toBe(ResnetError);
    const error = new copy.ResnetError('OPTION_INVALID', 'no such option');
    expect(ResnetError.is(error)).toBe(true);
    expect(error instanceof ResnetError).toBe(false);
  });

  it('suggests the nearest name, but none that is far', () => {
    expect(unknownName('network', 'resnt20', ['resnet20', 'plain20']).message).toContain(
      "Did you mean 'resnet20'?",
    );
    expect(unknownName('network', 'vgg', ['resnet20', 'plain20']).message).not.toContain('Did you mean');
    expect(unknownName('shortcut', 'D', ['A', 'B', 'C']).message).not.toContain('Did you mean');
    expect(unknownName('network', 'x', []).message).toContain('Known: .');
    const many = Array.from({ length: 1000 }, (_, index) => `class ${index}`);
    expect(unknownName('class', 'x', many).message).toContain(
      'Known: class 0, class 1, class 2 and 997 more.',
    );
  });

  it('turns an abort into a coded error', () => {
    expect(() => throwIfAborted(AbortSignal.abort('enough'), 'Training')).toThrow(
      expect.objectContaining({ code: 'ABORTED', cause: 'enough' }),
    );
    throwIfAborted(undefined, 'Training');
  });
});
