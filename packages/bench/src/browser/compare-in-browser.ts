import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { median } from '../measuring/median.js';
import { browserPeers, nameOf, type Peer } from '../measuring/peer.js';
import { ratioColumns, ratioNote } from '../measuring/ratios.js';
import { cell, machine, printTable } from '../measuring/table.js';
import { measureInTurns } from '../measuring/turns.js';
import { reportDifference } from '../models/report-difference.js';
import { servePage } from './page-server.js';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

interface Measurement {
  milliseconds: number;
  output: number[];
}

/** Prints how long networks take for one image in Chromium, in this project and in other libraries, each in a page of its own. */
export async function compareInBrowser(
  networks: string[],
  { turns, seconds }: { turns: number; seconds: number },
): Promise<void> {
  if (!existsSync(executablePath)) {
    console.log(`Skipped: there is no browser at ${executablePath} (CHROMIUM_PATH names another).`);
    return;
  }
  const server = await servePage(await bundle());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    console.log(`Chromium ${browser.version()}. ${machine()}`);
    for (const network of networks) {
      const results = await measureInTurns<Measurement>({
        ...{ peers: browserPeers, turns, title: `${network} in Chromium` },
        measure: ({ library, threads }) => measure(browser, address, [library, threads, network, seconds]),
      });
      console.log(`\n${network}, one image, in Chromium\n`);
      print(results);
      reportDifference(results);
    }
  } finally {
    await browser.close();
    server.close();
  }
}

/** The page's program, as a user's bundler would make it. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/browser/page.ts', import.meta.url))],
    ...{ bundle: true, write: false, format: 'esm', platform: 'browser', target: 'es2022' },
    logLevel: 'silent',
    tsconfigRaw: '{}',
  });
  return outputFiles[0]!.text;
}

async function measure(browser: Browser, address: string, args: unknown[]): Promise<Measurement> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(address);
    return await page.evaluate(`window.measure(...${JSON.stringify(args)})`);
  } finally {
    await context.close();
  }
}

function print(results: Map<Peer, Measurement[]>): void {
  const timeOf = (peer: Peer) => median(results.get(peer)!.map(({ milliseconds }) => milliseconds));
  const peers = [...results.keys()];
  const { header, cellsOf } = ratioColumns(peers, timeOf);
  printTable(
    ['', 'ms', ...header],
    peers.map((peer) => [nameOf(peer), cell(timeOf(peer), 1), ...cellsOf(peer)]),
  );
  console.log(ratioNote);
}
