import { expect, it } from 'vitest';
import { resumeCommand } from './resume-command.js';

it('is the same command line with --resume, safe to paste', () => {
  expect(resumeCommand(['train', '--dataset', 'digits'])).toBe('resnet train --dataset digits --resume');
  expect(resumeCommand(['train', '--resume', '--seed', '3'])).toBe('resnet train --resume --seed 3');
  expect(resumeCommand(['train', '--out', "it's here"])).toBe("resnet train --out 'it'\\''s here' --resume");
  expect(resumeCommand(['train', '--name', ''])).toBe("resnet train --name '' --resume");
});
