export { readCifar10 } from './read-cifar.js';
export { readDigits } from './read-digits.js';
export { readImage } from './read-image.js';
