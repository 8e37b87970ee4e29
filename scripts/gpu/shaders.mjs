// Has Dawn print the shaders of the kernels for the layers below, and runs none of them. `instructions.mjs` calls it:
// shaders.mjs FILE [PART-OF-A-NAME ...], the file being the kernels as one module.

import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { create, globals } from 'webgpu';

/** [what it is, kernel, its inputs' shapes, its attributes] */
const CALLS = [
  ...convolution('ResNet-20, 16 channels', {
    x: [128, 32, 32, 16],
    filter: [3, 3, 16, 16],
    stride: 1,
    pad: 1,
  }),
  ...convolution('ResNet-20, 32 channels', {
    x: [128, 16, 16, 32],
    filter: [3, 3, 32, 32],
    stride: 1,
    pad: 1,
  }),
  ...convolution('ResNet-20, 3×3 / 2', { x: [128, 32, 32, 16], filter: [3, 3, 16, 32], stride: 2, pad: 1 }),
  ...convolution('ResNet-50, 1×1', { x: [64, 14, 14, 1024], filter: [1, 1, 1024, 256], stride: 1, pad: 0 }),
  ...convolution('ResNet-50, 3×3', { x: [64, 14, 14, 256], filter: [3, 3, 256, 256], stride: 1, pad: 1 }),
  ...convolution('ResNet-50, 3×3 / 2', { x: [64, 28, 28, 256], filter: [3, 3, 256, 256], stride: 2, pad: 1 }),
  ...convolution('ResNet-50, 1×1 / 2', { x: [64, 56, 56, 256], filter: [1, 1, 256, 512], stride: 2, pad: 0 }),
  ...convolution('ResNet-50, stem', { x: [64, 224, 224, 3], filter: [7, 7, 3, 64], stride: 2, pad: 3 }),
  [
    'one image, 7×7',
    'FusedResidualConv2d',
    { x: [1, 7, 7, 512], filter: [3, 3, 512, 512], bias: [512], residual: [1, 7, 7, 512] },
    { stride: 1, padding: 1, dilation: 1, relu: true },
  ],
  ...elementwise([128, 32, 32, 16]),
];

function convolution(what, { x, filter, stride, pad }) {
  const { outShape } = tf.backend_util.computeConv2DInfo(x, filter, stride, 1, pad);
  const attributes = { strides: [stride, stride], pad, dataFormat: 'NHWC', dilations: [1, 1] };
  return [
    [what, 'Conv2D', { x, filter }, attributes],
    [what, 'Conv2DBackpropInput', { dy: outShape, filter }, { ...attributes, inputShape: x }],
    [what, 'Conv2DBackpropFilter', { x, dy: outShape }, { ...attributes, filterShape: filter }],
  ];
}

function elementwise(x) {
  const [mean, variance, gamma, beta] = Array(4).fill([x[3]]);
  return [
    ['', 'BatchNormTraining', { x, gamma, beta, residual: x }, { epsilon: 1e-3, relu: true }],
    [
      '',
      'BatchNormTrainingGradient',
      { dy: x, x, y: x, gamma, mean, variance },
      { epsilon: 1e-3, relu: true, residual: true },
    ],
    ['', 'ChannelAffine', { x, scale: gamma, shift: beta }, { relu: true }],
    [
      '',
      'SgdUpdate',
      { parameter0: [3, 3, 64, 64], velocity0: [3, 3, 64, 64], gradient0: [3, 3, 64, 64] },
      {},
    ],
  ];
}

Object.assign(globalThis, globals);
const gpu = create(['enable-dawn-features=dump_shaders']);
// tfjs looks for it there.
Object.defineProperty(navigator, 'gpu', { value: gpu });
const adapter = await gpu.requestAdapter();
const { maxStorageBuffersPerShaderStage, maxComputeWorkgroupStorageSize } = adapter.limits;
const device = await adapter.requestDevice({
  requiredLimits: { maxStorageBuffersPerShaderStage, maxComputeWorkgroupStorageSize },
});
let failures = 0;
device.addEventListener('uncapturederror', ({ error }) => {
  console.error(error.message);
  failures++;
});
const createShaderModule = device.createShaderModule.bind(device);
let current = '';
device.createShaderModule = (descriptor) => {
  const name = [descriptor.label, current].filter(Boolean).join(', ');
  return createShaderModule({ ...descriptor, code: `// shader: ${name}\n${descriptor.code}` });
};
const backend = new WebGPUBackend(device, adapter.info);
Object.assign(backend, { recordAndSubmit: () => {} });
tf.registerBackend('webgpu', () => backend);
await tf.setBackend('webgpu');
const [file, ...parts] = process.argv.slice(2);
const { installWebgpu } = await import(file);
installWebgpu();

for (const [what, kernelName, shapes, attrs] of CALLS) {
  current = [kernelName, what].filter(Boolean).join(', ');
  if (parts.length > 0 && !parts.some((part) => current.includes(part))) continue;
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, backend.makeTensorInfo(shape, 'float32')]),
  );
  tf.getKernel(kernelName, 'webgpu').kernelFunc({ inputs, attrs, backend });
}
await device.queue.onSubmittedWorkDone();
process.exit(failures > 0 ? 1 : 0);
