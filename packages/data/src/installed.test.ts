import { describe, expect, it } from 'vitest';
import { resolveInstalled } from './installed.js';
import { coded } from './test-support.js';

describe('resolveInstalled', () => {
  it('finds a module of an installed package', () => {
    expect(resolveInstalled('mnist/package.json', 'Reading the digits')).toMatch(/mnist.package\.json$/);
  });

  it('says what to install where there is none', () => {
    expect(() => resolveInstalled('no-such-package-here/package.json', 'Reading clouds')).toThrow(
      coded('PACKAGE_MISSING', "Reading clouds needs the package 'no-such-package-here'"),
    );
    expect(() => resolveInstalled('no-such-package-here', 'Reading clouds')).toThrow(
      coded('PACKAGE_MISSING', 'npm install no-such-package-here'),
    );
  });
});
