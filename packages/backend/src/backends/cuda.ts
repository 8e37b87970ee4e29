/** The command that sets up `node-gpu` on Linux with x64; what it sets up brings its CUDA and cuDNN. */
export const SETUP_GPU = 'npx @resnet/cli setup-gpu';
/** The oldest that CUDA 12 works with, by NVIDIA's table of CUDA's releases. */
export const OLDEST_DRIVER = '525.60.13';
/** What TensorFlow 2.9.1 was built for, which npm's install script of tfjs-node-gpu 4.22 downloads. */
export const CUDA_FOR_NPM = 'CUDA 11.2 and cuDNN 8.1 (libcudart.so.11.0, libcublas.so.11, libcudnn.so.8)';

/**
 * What a TensorFlow that sees no GPU takes.
 *
 * @param version of TensorFlow
 */
export function neededFor(version: string): string {
  return version.startsWith('2.9.')
    ? `The TensorFlow ${version} that npm installs takes an NVIDIA GPU, its driver and ${CUDA_FOR_NPM}; the one of \`${SETUP_GPU}\` takes no CUDA but its own.`
    : `TensorFlow ${version} takes an NVIDIA GPU with driver ${OLDEST_DRIVER} or later, and CUDA and cuDNN where \`${SETUP_GPU}\` puts them.`;
}
