import { formatCount } from '@resnet/core';
import type { CommonRecipe } from '@resnet/train';

/** What follows 'learning rate 0.1'. */
export function describeSchedule({ schedule, warmup }: CommonRecipe): string {
  const warming = {
    linear: ', after a linear warm-up',
    until: ', after a warm-up at a lower one',
    none: '',
  }[warmup?.kind ?? 'none'];
  switch (schedule.kind) {
    case 'steps': {
      const { milestones, factor } = schedule;
      if (milestones.length === 0) return warming;
      return `${warming}, times ${factor} at iterations ${listed(milestones)}`;
    }
    case 'constant':
      return warming;
    default:
      return `${warming}, ${schedule.kind}`;
  }
}

/** Warns of drops of the learning rate that come after the end of the run; at most one line. */
export function missedDrops({ schedule, iterations }: CommonRecipe): string[] {
  if (schedule.kind !== 'steps') return [];
  const missed = schedule.milestones.filter((milestone) => milestone >= iterations);
  if (missed.length === 0) return [];
  const count = missed.length === 1 ? 'the drop' : 'the drops';
  const comes = missed.length === 1 ? 'comes' : 'come';
  return [
    `${count} at ${listed(missed)} never ${comes}, as the run ends after ${formatCount(iterations)} iterations`,
  ];
}

function listed(iterations: readonly number[]): string {
  return iterations.map(formatCount).join(' and ');
}
