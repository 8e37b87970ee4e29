import { expect, it } from 'vitest';
import { runResnet } from '../test-support.js';

it('shows a network layer by layer', async () => {
  const { code, stdout, stderr } = await runResnet(
    'summary',
    'resnet20',
    '--shortcut',
    'B',
    '--classes',
    '100',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('layer2.0.downsample');
  expect(stdout).toMatch(/^resnet20: 20 weighted layers, input 32 × 32 × 3$/m);
});

it('prints the summary as JSON', async () => {
  const { stdout } = await runResnet('summary', 'plain32', '--in-channels', '1', '--json');
  const summary = JSON.parse(stdout);
  expect(summary).toMatchObject({ name: 'plain32', inputShape: [32, 32, 1], depth: 32 });
  expect(summary.layers[0]).toMatchObject({ name: 'conv1' });
});
