import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleForBrowser, launchBrowser, noBrowser, withPage } from '../browser/browser-page.js';
import { bundleForNode, jasmineAliases } from './bundle.js';
import { complaint, isNewlyFailing, isNewlyPassing, notCured, pairUp } from './compare.js';
import type { Mode } from './modes.js';
import { runInNode, runInPage, type SuiteRun } from './suite-run.js';
import { summary } from './summary.js';

/** Nothing that tfjs's tests find right without this project may be wrong with it, and what it adds must be right. */
function expectNothingLost(place: string, stock: SuiteRun, ours: SuiteRun): void {
  const pairs = pairUp(stock.results, ours.results);
  console.log(summary(`tfjs's own tests ${place}, threads: ${ours.threads}`, pairs));
  expect(stock.problem).toBeUndefined();
  expect(ours.problem).toBeUndefined();
  expect(pairs.filter(isNewlyFailing).map(complaint)).toEqual([]);
  expect(notCured(pairs).map(complaint)).toEqual([]);
  expect(pairs.filter(isNewlyPassing)).not.toEqual([]);
}

describe("tfjs's own tests, in Node", () => {
  const bundle = join(import.meta.dirname, '..', '..', 'dist', 'tfjs-suite.cjs');
  let stock: SuiteRun;
  beforeAll(async () => {
    await bundleForNode(bundle);
    stock = await runInNode(bundle, 'stock');
  });

  it.for([
    ['ours-1', 1],
    ['ours-2', 2],
  ] as const)('pass where they pass without this project: %s', async ([mode, threads]) => {
    const ours = await runInNode(bundle, mode);
    expectNothingLost('in Node', stock, ours);
    expect(ours.threads).toBe(threads);
  });
});

describe("tfjs's own tests, in Chromium", () => {
  let browser: Browser | undefined;
  let script = '';
  beforeAll(async () => {
    if (noBrowser) return;
    browser = await launchBrowser();
    script = await bundleForBrowser("import './tfjs-suite/browser.ts';", jasmineAliases);
  });
  afterAll(() => browser?.close());

  it.for([
    ['with cross-origin isolation, on two threads', true, 2],
    ['without, on one', false, 1],
  ] as const)('pass where they pass without this project: %s', async ([, isIsolated, threads], context) => {
    if (!browser) return context.skip(noBrowser);
    const run = (mode: Mode) =>
      withPage(browser!, { script, isIsolated }, async (page) => {
        await page.waitForFunction('window.printResults');
        return runInPage(page, mode);
      });
    const stock = await run('stock');
    const ours = await run('ours-2');
    expectNothingLost('in Chromium', stock, ours);
    expect(ours.threads).toBe(threads);
  });
});
