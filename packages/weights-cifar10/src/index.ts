/**
 * The URL of the weights of ResNet-20 for CIFAR-10: a safetensors file that also has the architecture, normalization and classes.
 * In Node `loadModel(resnet20)` of `@resnet/zoo/node` reads it; in a page
 * `openModel(readWeights(new Uint8Array(await (await fetch(resnet20)).arrayBuffer())))` of `@resnet/zoo` does.
 */
export const resnet20 = new URL('../resnet20.safetensors', import.meta.url);
