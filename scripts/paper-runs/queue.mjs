// The trainings that the paper's figures and tables are made of, in the order in which they are done.

/**
 * @typedef {object} PaperRun
 * @property {string} name of its folder
 * @property {string} network as `resnet train` takes it
 * @property {string} [dataset] 'cifar10', if not said otherwise
 * @property {string} recipe
 * @property {number} seed
 * @property {string[]} [options] other options of `resnet train`
 * @property {boolean} [isTrial] a run that chose a number: only its log is kept
 */

const short = (network) => ({ name: `short-${network}`, network, recipe: 'cifar10-short', seed: 0 });

const paper = (network, seed = 0) => ({
  name: `paper-${network}${seed === 0 ? '' : `-seed${seed}`}`,
  network,
  recipe: network === 'resnet110' ? 'cifar10-paper-110' : 'cifar10-paper',
  seed,
});

/** Five epochs on the paper's 45k/5k split, which chose the learning rate of `cifar10-short`; the test images were not used. */
const trial = (rate) => ({
  name: `trial-rate-${rate}`,
  network: 'resnet20',
  recipe: 'cifar10-fast',
  seed: 0,
  options: ['--iterations', '1760', '--learning-rate', String(rate), '--hold-out', '5000'],
  isTrial: true,
});

/** @type {readonly PaperRun[]} */
export const queue = [
  ...[0.1, 0.2, 0.4].map(trial),
  // Figure 6, short but whole.
  ...['plain20', 'resnet20', 'plain56', 'resnet56'].map(short),
  // Table 6.
  paper('resnet20'),
  paper('resnet32'),
  paper('resnet44'),
  paper('resnet56'),
  paper('resnet20', 1),
  paper('resnet20', 2),
  paper('resnet110'),
];
