// Keeps each shader that a process gives to WebGPU, once, in the folder that RESNET_SHADERS names. `naga.mjs` preloads it.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { globals } from 'webgpu';

const { RESNET_SHADERS } = process.env;
const { prototype } = /** @type {{ GPUDevice: { prototype: any } }} */ (globals).GPUDevice;
const { createShaderModule } = prototype;
prototype.createShaderModule = function (descriptor) {
  const { code, label } = descriptor;
  const name = `${createHash('sha256').update(code).digest('hex').slice(0, 16)}.wgsl`;
  writeFileSync(join(RESNET_SHADERS, name), `// ${label || 'without a label'}\n${code}`);
  return createShaderModule.call(this, descriptor);
};
