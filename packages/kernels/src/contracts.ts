export type {
  Attributes,
  CallInputs,
  CallOutputs,
  ContractName,
  Contracts,
  KernelInputs,
  KernelOutputs,
  OutputAt,
} from './contracts/contract.js';
export type { Int8Contracts, Int8Range } from './contracts/int8.js';
export type { ConvolutionAttributes, PoolAttributes } from './contracts/tfjs.js';
