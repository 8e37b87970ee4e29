// Writes a network for ImageNet as an ONNX file: node export-onnx.js NETWORK BATCH_SIZE FILE
import { writeFile } from 'node:fs/promises';
import { foldedNetwork } from './networks/folded.js';
import { imageValues } from './networks/images.js';
import { onnxGraph } from './networks/onnx-graph.js';
import { onnxFile } from './onnx/graph.js';

const [network, batchSize, file] = process.argv.slice(2) as [string, string, string];
const { shape } = imageValues(Number(batchSize), 224);
await writeFile(file, onnxFile(onnxGraph(await foldedNetwork(network), shape)));
