import { recipe } from '@resnet/train';
import { expect, it } from 'vitest';
import { missedDrops } from './describe-schedule.js';

it('says which drops of the rate a run is too short for', () => {
  const steps = (milestones: number[]) =>
    recipe('digits', { iterations: 20, schedule: { kind: 'steps', milestones, factor: 0.1 } });
  expect(missedDrops(steps([10, 19]))).toEqual([]);
  expect(missedDrops(steps([10, 20]))).toEqual([
    'the drop at 20 never comes, as the run ends after 20 iterations',
  ]);
  expect(missedDrops(steps([240, 3200]))).toEqual([
    'the drops at 240 and 3,200 never come, as the run ends after 20 iterations',
  ]);
  expect(missedDrops(recipe('finetune', { iterations: 1 }))).toEqual([]);
});
