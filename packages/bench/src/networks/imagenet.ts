import { Random } from '@resnet/core';
import { type ImageNetDepth, imageNetResNet, type ResNet } from '@resnet/zoo';
import { drawStatistics } from './statistics.js';

const names: Record<string, ImageNetDepth> = {
  resnet18: 18,
  resnet34: 34,
  resnet50: 50,
  resnet101: 101,
  resnet152: 152,
};

/** Whether a network is one for ImageNet. */
export function isImageNetName(name: string): boolean {
  return Object.hasOwn(names, name);
}

/** A network for ImageNet as torchvision has it, with random weights, and running statistics as after training. */
export function createImageNet(name: string): ResNet {
  const network = imageNetResNet(names[name]!, { shortcut: 'B', strideOn: '3x3' });
  drawStatistics(network, new Random(1));
  return network;
}
