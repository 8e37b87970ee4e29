import { expect, it } from 'vitest';
import { resumeCommand } from './resume-command.js';

const resumed = (...argv: string[]) => resumeCommand({ program: 'npx @resnet/cli', argv });

it('is the same command line with --resume, safe to paste', () => {
  expect(resumed('train', '--dataset', 'digits')).toBe('npx @resnet/cli train --dataset digits --resume');
  expect(resumed('train', '--resume', '--seed', '3')).toBe('npx @resnet/cli train --resume --seed 3');
  expect(resumed('train', '--out', "it's here")).toBe("npx @resnet/cli train --out 'it'\\''s here' --resume");
  expect(resumed('train', '--name', '')).toBe("npx @resnet/cli train --name '' --resume");
});
