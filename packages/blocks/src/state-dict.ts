/** One stored tensor: float32 values in PyTorch's layout (OIHW filters, [out, in] matrices), row-major. */
export interface TensorData {
  shape: number[];
  data: Float32Array;
}

/** Named tensors in the order of the network, named as torchvision names them: `layer1.0.bn2.running_var`. */
export type StateDict = Map<string, TensorData>;
