import { useBackend } from '@resnet/backend';
import { decodeImage } from '@resnet/data';
import { predict } from '@resnet/eval';
import { openModel, prepare, readWeights } from '@resnet/zoo';

const read = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());

/** The classes of an image, by weights that others may have trained. */
window.run = async () => {
  await useBackend('wasm', { wasmPaths: '/' });
  const { network, normalization } = openModel(readWeights(await read('model.safetensors')));
  const classifier = await prepare(network);
  return predict(classifier, await decodeImage(await read('image.png'), 'image.png'), { normalization });
};
