import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coded, temporaryFolder } from '@resnet/testing';
import { describe, expect, it, vi } from 'vitest';
import { resolveOptionalPackage } from './optional-package.js';

describe('resolveOptionalPackage', () => {
  it('finds a module of an installed package', () => {
    expect(resolveOptionalPackage('mnist/package.json', 'Reading the digits')).toMatch(
      /mnist.package\.json$/,
    );
  });

  it('says what to install where there is none', () => {
    expect(() => resolveOptionalPackage('no-such-package-here/package.json', 'Reading clouds')).toThrow(
      coded('PACKAGE_MISSING', "Reading clouds needs the package 'no-such-package-here'"),
    );
    expect(() => resolveOptionalPackage('no-such-package-here', 'Reading clouds')).toThrow(
      coded('PACKAGE_MISSING', 'npm install no-such-package-here'),
    );
  });

  it('does not look in the folder in which the program runs', async () => {
    const { folder, remove } = await temporaryFolder();
    const fake = join(folder, 'node_modules', 'a-strangers-package');
    await mkdir(fake, { recursive: true });
    await writeFile(join(fake, 'index.js'), 'throw new Error("run")');
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
    try {
      expect(() => resolveOptionalPackage('a-strangers-package', 'Reading clouds')).toThrow(
        coded('PACKAGE_MISSING'),
      );
    } finally {
      cwd.mockRestore();
      await remove();
    }
  });
});
