export { decodeImage } from './decode-image.js';
export { type ImageFolder, imageFolder } from './image-folder.js';
export { readCifar10, readCifar100 } from './read-cifar.js';
export { readDigits } from './read-digits.js';
export { readImage } from './read-image.js';
