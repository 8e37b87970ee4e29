// Khronos' validation layer for Vulkan, with its checks of synchronization.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { folder, unpackValidation } from './mesa.mjs';

const logs = join(folder, 'validation-logs');

/** What Debian's layer, which is older than Dawn and Mesa, says of what it doesn't know yet. */
const UNKNOWN =
  /unknown VkStructureType|is not supported by this layer|A SPIR-V Extension \(\w+\) was declared that is not supported/;

/** Adds to the environment of programs on a GPU that the layer looks at what they do, and that new buffers are not zero. */
export function withValidation(environment) {
  const { manifests, libraries } = unpackValidation();
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs);
  const preloaded = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), 'validated-process.mjs'));
  return {
    ...environment,
    RESNET_VALIDATION: logs,
    VK_LAYER_PATH: manifests,
    VK_INSTANCE_LAYERS: 'VK_LAYER_KHRONOS_validation',
    LD_LIBRARY_PATH: [environment.LD_LIBRARY_PATH, libraries].filter(Boolean).join(':'),
    NODE_OPTIONS: [environment.NODE_OPTIONS, `--import ${preloaded}`].filter(Boolean).join(' '),
  };
}

/**
 * Prints how often the layer said what.
 *
 * @returns whether it was active and found nothing but what it does not know
 */
export function reportValidation() {
  const texts = readdirSync(logs)
    .filter((name) => name.endsWith('.log'))
    .map((name) => readFileSync(join(logs, name), 'utf8'));
  const active = texts.filter((text) => text.includes('Khronos Validation Layer Active')).length;
  const counts = new Map();
  let unknown = 0;
  for (const line of texts.join('\n').split('\n')) {
    const id = /^(\S+)\((?:ERROR|WARN)/.exec(line)?.[1];
    if (!id) continue;
    if (UNKNOWN.test(line)) unknown++;
    else counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  console.log(
    `Validation: the layer was active in ${active} processes; ${unknown} messages on what is newer than it.`,
  );
  for (const [id, count] of counts) console.log(`Validation: ${count} × ${id}`);
  console.log(
    counts.size === 0 ? 'Validation: no other messages.' : `Validation: the messages are in ${logs}.`,
  );
  return active > 0 && counts.size === 0;
}
