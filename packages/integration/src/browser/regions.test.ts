import { expect, it } from 'vitest';
import { bundleForBrowser, withPage } from './browser-page.js';
import { regionOperations } from './regions-program.js';
import { useBrowser } from './use-browser.js';

const browser = useBrowser();

it('on a page, WebGL computes regions as Node does, and leaves no tensor', async () => {
  const script = await bundleForBrowser(
    "import { regionOperations } from './browser/regions-program.ts'; window.compute = regionOperations;",
  );
  const expected = await regionOperations('cpu');
  await withPage(browser(), { script, isIsolated: false }, async (page) => {
    await page.waitForFunction('window.compute');
    const found = await page.evaluate<typeof expected>("window.compute('webgl')");
    expect(found.left).toBe(0);
    expect(Object.keys(found.results)).toEqual(Object.keys(expected.results));
    for (const [name, values] of Object.entries(expected.results)) {
      expect(found.results[name], name).toHaveLength(values.length);
      const differences = values.map((value, index) => Math.abs(value - found.results[name]![index]!));
      expect(Math.max(...differences), name).toBeLessThan(1e-5);
    }
  });
});
