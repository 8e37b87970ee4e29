import { element } from '../dom.js';
import type { TrainingReport } from '../worker/training/saved-training.js';

/** Offers to resume a training that was stored when the page was closed. */
export function offer({ onGoOn, onDiscard }: { onGoOn(): void; onDiscard(): void }) {
  const text = element('span');
  const goOn = element('button', { type: 'button', onclick: onGoOn }, 'Go on');
  const discard = element('button', { type: 'button', onclick: onDiscard }, 'Discard');
  const box = element('div', {
    class: 'offer',
    role: 'region',
    'aria-label': 'Stored training',
    hidden: true,
  });
  box.append(text, goOn, discard);
  return {
    element: box,
    show({ plan, runs }: TrainingReport): void {
      const step = Math.min(...runs.map(({ iteration }) => iteration));
      const titles = runs.map(({ title }) => title).join(' and ');
      const isDone = step === plan.iterations;
      text.textContent = isDone
        ? `Training of ${titles} was done: ${step} steps.`
        : `Training of ${titles} stopped at step ${step} of ${plan.iterations}.`;
      goOn.textContent = isDone ? 'Open' : 'Go on';
      box.hidden = false;
    },
    hide(): void {
      box.hidden = true;
    },
  };
}
