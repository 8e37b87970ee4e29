import { backendsLeftOut, backendsUnderTest, useBackendUnderTest } from '@resnet/testing/backends';
import { describe, expect, it } from 'vitest';

it.for(backendsLeftOut)('operations on $label', ({ reason }, { skip }) => skip(reason));

describe.each(backendsUnderTest)('$label', (underTest) => {
  const backend = useBackendUnderTest(underTest);

  it('runs on the backend that was asked for', () => {
    const { name, options } = underTest;
    expect(backend().name).toBe(name);
    if (options.threads !== undefined) expect(backend().threads).toBe(options.threads);
  });
});
