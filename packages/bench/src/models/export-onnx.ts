// Writes a network as an ONNX file: node export-onnx.js NETWORK FILE
import { writeFile } from 'node:fs/promises';
import { useBackend } from '@resnet/backend';
import { exportOnnx } from '@resnet/zoo';
import { createNetwork } from '../networks/ours.js';

const [name, file] = process.argv.slice(2) as [string, string];
await useBackend('cpu');
const network = createNetwork(name);
await writeFile(file, await exportOnnx({ network }));
