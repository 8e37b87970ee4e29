export type { DownloadProgress, RetryPolicy } from '@resnet/files';
export type { ZooErrorCode } from './error-codes.js';
export type { DownloadedWeights, DownloadOptions } from './hub/download.js';
export { downloadWeights, loadPretrained } from './hub/hub.js';
export type { PretrainedOptions } from './hub/load-pretrained.js';
export { type PretrainedFile, pretrainedFiles } from './hub/pretrained-files.js';
export type { FileReference, RepositoryFile } from './hub/repository-file.js';
export type { HubOptions } from './hub/settings.js';
export type { Classifier } from './inference/classifier.js';
export { features } from './inference/features.js';
export { FusedNetwork, fuse } from './inference/fused-network.js';
export { ENGINES, type Engine, type PrepareOptions, prepare } from './inference/prepare.js';
export { runLayers } from './inference/run-layers.js';
export {
  type ActivationRanges,
  arePackedRanges,
  type PackedRanges,
  packRanges,
  unpackRanges,
} from './int8/activation-ranges.js';
export { type Int8Model, openInt8, packInt8 } from './int8/file.js';
export { Int8Network } from './int8/int8-network.js';
export type { Int8Layer, Int8Weights } from './int8/int8-weights.js';
export { type Quantized, type QuantizeOptions, quantize, quantizeWith } from './int8/quantize.js';
export { CALIBRATION_METHODS, type CalibrationMethod } from './int8/ranges.js';
export { checkNormalization } from './model/check-normalization.js';
export { classNamesOf } from './model/class-names.js';
export {
  type Model,
  type ModelNetwork,
  type OpenOptions,
  type Origin,
  openModel,
  packMetadata,
  packModel,
} from './model/model.js';
export { type Preprocessing, preprocessingOf, preprocessor } from './model/preprocessing.js';
export { toTensor } from './model/to-tensor.js';
export { type CifarOptions, cifarPlain, cifarResNet } from './networks/cifar.js';
export { deepen } from './networks/deepen.js';
export { Highway, type HighwayOptions, highway } from './networks/highway.js';
export { type ImageNetOptions, imageNetPlain, imageNetResNet } from './networks/imagenet.js';
export { type InitialWeights, randomFor } from './networks/initial-weights.js';
export { layersOf } from './networks/layers.js';
export { type Architecture, Network } from './networks/network.js';
export type { ImageNetDepth } from './networks/plans.js';
export {
  checkNetworkName,
  create,
  type NetworkOptions,
  networkNames,
  type Registration,
  register,
} from './networks/registry.js';
export { type BlockOptions, ResNet, type ResNetConfig } from './networks/resnet.js';
export {
  formatMermaid,
  formatSummary,
  type Summary,
  type SummaryLayer,
  summarize,
} from './networks/summary.js';
export { Vgg, type VggOptions, vgg } from './networks/vgg.js';
export { exportOnnx, type OnnxOptions } from './onnx/export.js';
export { exportInt8Onnx } from './onnx/export-int8.js';
export type { OnnxRuntime } from './onnx/onnxruntime.js';
export { readWeights, type Weights, type WeightsFormat } from './weights/format.js';
export { type KeyScheme, type NormalizedKeys, normalizeKeys } from './weights/keys.js';
export { readSafetensors, type SafetensorsOptions, writeSafetensors } from './weights/safetensors.js';
export { readTorch, type TorchOptions } from './weights/torch/torch.js';
