import { expect, it } from 'vitest';
import { downloadSize, platformsFor } from './install-wheel.js';

it('finds the size of a download in what pip prints', () => {
  const metadata = '  Downloading a-1.0-py3-none-any.whl.metadata (1.5 kB)\n';
  const lines = `Collecting a\n${metadata}  Downloading https://x/a-1.0-py3-none-any.whl (581.2 MB)\n`;
  expect(downloadSize(lines)).toBeCloseTo(581.2e6, 0);
  expect(downloadSize('  Downloading a-1.0-py3-none-any.whl (91 kB)')).toBe(91e3);
  expect(downloadSize(metadata)).toBeUndefined();
});

it('takes wheels for this C library and older ones', () => {
  const platforms = platformsFor('2.27');
  expect(platforms[0]).toBe('--platform=manylinux_2_27_x86_64');
  expect(platforms).toContain('--platform=manylinux_2_12_x86_64');
  expect(platforms).toContain('--platform=manylinux2014_x86_64');
  expect(platforms.join()).not.toContain('2_28');
});
