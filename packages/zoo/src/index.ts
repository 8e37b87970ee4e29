export { CifarNetwork, type CifarOptions, cifarPlain, cifarResNet } from './cifar-network.js';
export { type Architecture, Network } from './network.js';
export { create, type NetworkOptions, networkNames } from './registry.js';
export { formatSummary, type Summary, summarize } from './summary.js';
