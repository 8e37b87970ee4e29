// What may import what; `npm test` checks it. docs/architecture.md has the picture.
import { readdirSync, readFileSync } from 'node:fs';

/** The packages, each with those of this project that its package.json names. */
const packages = readdirSync('packages').map((name) => {
  const { dependencies = {} } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'));
  const own = Object.keys(dependencies).filter((wanted) => wanted.startsWith('@resnet/'));
  return { name, allowed: own.map((wanted) => wanted.slice('@resnet/'.length)) };
});

const notShipped = '\\.test\\.ts$|/test-support\\.ts$|/testing/|[./]testing\\.ts$|^packages/integration/';

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...packages.map(({ name, allowed }) => ({
      name: `${name}-imports-what-its-package.json-names`,
      severity: 'error',
      from: { path: `^packages/${name}/src/`, pathNot: notShipped },
      to: { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
    })),
    {
      name: 'packages-only-by-their-entries',
      comment: 'Another package is imported by its name, not by a path into its sources.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/', pathNot: notShipped },
      to: { path: '^packages/[^/]+/src/', pathNot: '^packages/$1/' },
    },
    {
      name: 'no-tensors-below',
      comment: 'Files, data and boxes are used where there is no TensorFlow.js.',
      severity: 'error',
      from: { path: '^packages/(boxes|core|files|data)/src/' },
      to: { path: '@tensorflow/' },
    },
    {
      name: 'sources-import-no-tests',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: notShipped },
      to: { path: notShipped },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '/generated/' },
    tsPreCompilationDeps: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
