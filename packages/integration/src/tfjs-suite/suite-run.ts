import { execFile } from 'node:child_process';
import type { Page } from 'playwright-core';
import type { Mode } from './modes.js';
import type { Result } from './run.js';

/** What a run printed, whether or not it came to its end. */
export interface SuiteRun {
  threads: number;
  results: Result[];
  /** Why the run did not come to its end. */
  problem?: string | undefined;
}

/** How long a run may take; it takes about a second. */
const limit = 30_000;

/** Runs the tests in a Node process of their own, which is killed if it gets stuck. */
export function runInNode(bundle: string, mode: Mode): Promise<SuiteRun> {
  return new Promise((resolve) => {
    const settings = { timeout: limit, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 } as const;
    execFile(process.execPath, [bundle, mode], settings, (error, stdout, stderr) => {
      const cause = error?.killed
        ? `stuck for ${limit / 1000} s`
        : error && `ended early: ${stderr.slice(-2000)}`;
      resolve(readRun(stdout.split('\n'), cause ?? undefined));
    });
  });
}

/** Runs the tests in a page that has loaded their bundle. */
export async function runInPage(page: Page, mode: Mode): Promise<SuiteRun> {
  const lines: string[] = [];
  page.on('console', (message) => lines.push(message.text()));
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, limit, `stuck for ${limit / 1000} s`);
  });
  const ended = page.evaluate(`window.printResults('${mode}')`).then(
    () => undefined,
    (error) => `ended early: ${error}`,
  );
  const problem = await Promise.race([ended, stuck]);
  clearTimeout(timer);
  return readRun(lines, problem);
}

/** tfjs prints too; what is looked for are lines of JSON. */
function readRun(lines: string[], problem: string | undefined): SuiteRun {
  const [first, ...results] = lines
    .filter((line) => /^{"(threads|id)":/.test(line))
    .map((line) => JSON.parse(line));
  return { threads: first?.threads ?? 0, results, problem };
}
