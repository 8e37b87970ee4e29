import { defined } from '@resnet/core';
import { create, formatMermaid, formatSummary, type NetworkOptions, summarize } from '@resnet/zoo';
import type { Context } from '../context.js';
import { withBackend } from '../shared/backend/with-backend.js';
import { printJson } from '../shared/terminal/print.js';

export interface SummaryOptions {
  classes?: number;
  inChannels?: number;
  shortcut?: string;
  strideOn?: string;
  stem?: string;
  outputStride?: number;
  json?: boolean;
  mermaid?: boolean;
}

/** Shows a network layer by layer. */
export async function summary(name: string, options: SummaryOptions, { io }: Context): Promise<void> {
  const { json, mermaid, ...given } = options;
  // create refuses unknown values.
  const networkOptions = { ...defined(given), initialize: false } as NetworkOptions;
  // Nothing is computed, but weights live on a backend.
  await withBackend({ backend: 'cpu' }, io.stderr, async () => {
    const network = create(name, networkOptions);
    try {
      const result = summarize(network);
      if (json) printJson(io.stdout, result);
      else io.stdout.write(mermaid ? formatMermaid(result) : `${formatSummary(result)}\n`);
    } finally {
      network.dispose();
    }
  });
}
