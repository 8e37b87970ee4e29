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
export type { ConvolutionAttributes, PoolAttributes } from './contracts/tfjs.js';
