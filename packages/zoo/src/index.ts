export { CifarNetwork, type CifarOptions, cifarPlain, cifarResNet } from './cifar-network.js';
export { type Model, openModel, packModel } from './model.js';
export { type Architecture, Network } from './network.js';
export { create, type NetworkOptions, networkNames } from './registry.js';
export { formatSummary, type Summary, summarize } from './summary.js';
export { readWeights, type Weights, type WeightsFormat } from './weights/format.js';
export { cifarDepth, type KeyScheme, normalizeKeys } from './weights/keys.js';
export { readSafetensors, writeSafetensors } from './weights/safetensors.js';
export { readTorch } from './weights/torch.js';
