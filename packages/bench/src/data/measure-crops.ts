// Prints, as one line of JSON, the milliseconds of each crop: node measure-crops.js javascript|webassembly
import { Random } from '@resnet/core';
import { medianTime } from '../measuring/median.js';

// Deleted before the package checks for it, at the first crop.
if (process.argv[2] === 'javascript') Reflect.deleteProperty(globalThis, 'WebAssembly');
const { randomResizedCrop, randomScaledCrop, scaledCenterCrop } = await import('@resnet/data');

const crops = {
  'randomResizedCrop(224)': randomResizedCrop(224),
  'randomScaledCrop()': randomScaledCrop(),
  'scaledCenterCrop()': scaledCenterCrop(),
};
const [height, width, channels] = [375, 500, 3];
const random = new Random(1);
const pixels = Uint8Array.from({ length: height * width * channels }, () => random.int(256));
const count = 50;
const milliseconds: Record<string, number> = {};
for (const [name, crop] of Object.entries(crops)) {
  const many = () => {
    for (let index = 0; index < count; index++) crop({ pixels, height, width, channels }, new Random(index));
  };
  milliseconds[name] = (await medianTime(many, 1)) / count;
}
console.log(JSON.stringify(milliseconds));
