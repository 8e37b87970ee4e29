import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { interruption } from './interruption.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('interruption', () => {
  it('stops at the first Ctrl-C and leaves at the second, of which npm makes two signals each', () => {
    const source = new EventEmitter();
    const leave = vi.fn();
    const signal = interruption(source, leave);
    expect(signal.aborted).toBe(false);
    source.emit('SIGINT');
    expect(signal.aborted).toBe(true);
    source.emit('SIGINT');
    vi.advanceTimersByTime(299);
    source.emit('SIGINT');
    expect(leave).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    source.emit('SIGINT');
    expect(leave).toHaveBeenCalledOnce();
  });
});
