import { basename, resolve } from 'node:path';

/** Different names for runs: the network's, with the folder where two runs have the same network. */
export function networkLabels(runs: readonly { folder: string; name: string | undefined }[]): string[] {
  const base = (folder: string) => basename(resolve(folder));
  const short = runs.map(({ folder, name }) => name ?? base(folder));
  const longer = runs.map(({ folder, name }) => (name ? `${name} (${base(folder)})` : base(folder)));
  const longest = runs.map(({ folder, name }) => (name ? `${name} (${folder})` : folder));
  return [short, longer].find((labels) => new Set(labels).size === labels.length) ?? longest;
}
