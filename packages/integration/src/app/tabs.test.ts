import { expect, it } from 'vitest';
import { bundleForBrowser, withPage } from '../browser/browser-page.js';
import { useBrowser } from '../browser/use-browser.js';
import { textOf } from './app-page.js';

const browser = useBrowser();

it('arrow keys move between the tabs of the page', async () => {
  const script = await bundleForBrowser(`
    import { tabs } from '../../../examples/browser/src/shell/tabs.ts';
    const all = ['One', 'Two', 'Three'].map((title) => ({ title, panel: document.createElement('p') }));
    window.changes = [];
    document.body.append(tabs(all, (from, to) => changes.push(from.title + ' to ' + to.title)));
    document.body.append(...all.map(({ panel }) => panel));
  `);
  await withPage(browser(), { script, isIsolated: false }, async (page) => {
    const selected = () => textOf(page.locator('[role=tab][aria-selected=true]'));
    await page.keyboard.press('Tab');
    expect(await selected()).toBe('One');
    for (const [key, name] of [
      ['ArrowRight', 'Two'],
      ['End', 'Three'],
      ['ArrowRight', 'One'],
      ['ArrowLeft', 'Three'],
      ['Home', 'One'],
    ] as const) {
      await page.keyboard.press(key);
      expect(await selected()).toBe(name);
      expect(await page.evaluate('document.activeElement.textContent')).toBe(name);
      expect(await page.locator('[role=tabpanel]:not([hidden])').count()).toBe(1);
    }
    expect(await page.evaluate('changes')).toHaveLength(5);
  });
});
