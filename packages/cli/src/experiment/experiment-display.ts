import type { ExperimentEvent } from '@resnet/experiments/node';
import { type Bar, startBar } from '../shared/progress/progress-bar.js';
import { startTrainingLog, type TrainingLog } from '../shared/progress/training-log.js';
import type { Output } from '../shared/terminal/io.js';
import { printLine } from '../shared/terminal/print.js';

/** Shows the events of an experiment, except for its plan. */
export class ExperimentDisplay {
  #log: TrainingLog | undefined;
  #bar: Bar | undefined;

  /** @param iterations of each run */
  constructor(
    private readonly stream: Output,
    private readonly iterations: number,
  ) {}

  show(event: ExperimentEvent): void {
    switch (event.kind) {
      case 'run':
        this.#begin(event.run.name, event.isTrained);
        break;
      case 'progress':
        this.#log?.progress(event.progress);
        break;
      case 'record':
        this.#log?.record(event.record);
        break;
      case 'evaluation':
        this.stop();
        this.stream.write(`\n${event.name} on the training images, in inference mode\n`);
        this.#bar = startBar(this.stream, event.total);
        break;
      case 'evaluated':
        this.#bar?.update(event.count, 'images');
        break;
      case 'finding':
        this.stop();
        this.stream.write(`\n${event.text}\n`);
    }
  }

  /** Ends the bars. May be called more than once. */
  stop(): void {
    this.#log?.stop();
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #begin(name: string, isTrained: boolean): void {
    this.stop();
    this.stream.write('\n');
    printLine(this.stream, `${name}${isTrained ? ' is trained.' : ''}`);
    this.#log = isTrained ? undefined : startTrainingLog(this.stream, this.iterations);
  }
}
