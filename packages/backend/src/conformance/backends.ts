import type { BackendName, BackendOptions } from '../backend.js';

/** One way to run the conformance suite. */
export interface BackendUnderTest {
  label: string;
  name: BackendName;
  options: BackendOptions;
}

const every: BackendUnderTest[] = [
  { label: 'cpu', name: 'cpu', options: {} },
  { label: 'wasm', name: 'wasm', options: { threads: 1 } },
  { label: 'wasm-threads', name: 'wasm', options: { threads: 2 } },
];

/** All backends, or those that RESNET_BACKENDS names: `RESNET_BACKENDS=cpu,wasm npm test`. */
export const backendsUnderTest = chosen(process.env.RESNET_BACKENDS);

function chosen(labels: string | undefined): BackendUnderTest[] {
  if (labels === undefined) return every;
  return labels.split(',').map((label) => {
    const backend = every.find((candidate) => candidate.label === label);
    if (!backend)
      throw new Error(`RESNET_BACKENDS names '${label}'; known: ${every.map((b) => b.label).join(', ')}`);
    return backend;
  });
}
