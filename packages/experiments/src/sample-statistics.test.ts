import { describe, expect, it } from 'vitest';
import { formatSampleStatistics, sampleStatistics } from './sample-statistics.js';

describe('sampleStatistics', () => {
  it('has the deviation of a sample, and is written as in Table 6', () => {
    const statistics = sampleStatistics([0.06, 0.07, 0.08]);
    expect(statistics).toMatchObject({
      best: 0.06,
      mean: expect.closeTo(0.07),
      deviation: expect.closeTo(0.01),
    });
    expect(formatSampleStatistics(statistics)).toBe('6.00 (7.00±1.00)');
    expect(() => sampleStatistics([1])).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });
});
