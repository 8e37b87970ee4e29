/** What TensorFlow 2.9.1, which tfjs-node-gpu 4.22 installs, was built for. */
export const CUDA = 'CUDA 11.2 and cuDNN 8.1';
export const CUDA_LIBRARIES = 'libcudart.so.11.0, libcublas.so.11, libcudnn.so.8';
