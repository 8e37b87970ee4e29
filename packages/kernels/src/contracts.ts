export type {
  Attributes,
  CallInputs,
  CallOutputs,
  ContractName,
  Contracts,
  OutputAt,
} from './contracts/contract.js';
export type { Int8Contracts, Int8Range } from './contracts/int8.js';
export { kernelsOn } from './contracts/kernel.js';
export type { ConvolutionAttributes, PoolAttributes } from './contracts/tfjs.js';
