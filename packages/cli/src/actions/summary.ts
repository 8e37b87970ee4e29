import type { ShortcutOption } from '@resnet/blocks';
import { create, formatSummary, summarize } from '@resnet/zoo';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { printJson } from '../print.js';
import { withBackend } from './with-backend.js';

export interface SummaryOptions {
  classes?: number;
  inChannels?: number;
  shortcut?: string;
  json?: boolean;
}

/** Shows a network layer by layer. */
export async function summary(name: string, options: SummaryOptions, { io }: Context): Promise<void> {
  const { classes, inChannels, json } = options;
  // create refuses shortcuts that are none.
  const shortcut = options.shortcut as ShortcutOption | undefined;
  // Nothing is computed, but weights live on a backend.
  await withBackend({ backend: 'cpu' }, io.stderr, async () => {
    const network = create(name, defined({ classes, inChannels, shortcut }));
    try {
      const result = summarize(network);
      if (json) printJson(io.stdout, result);
      else io.stdout.write(`${formatSummary(result)}\n`);
    } finally {
      network.dispose();
    }
  });
}
