import type { Reporter, TestModule } from 'vitest/node';

/** Names every test that was not run, with its reason, so that nothing is passed over in silence. */
export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map((test) => {
        const result = test.result();
        const note = result.state === 'skipped' ? result.note : undefined;
        return `  ${module.project.name}: ${test.fullName}${note ? `\n    because ${note}` : ''}`;
      }),
    );
    if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.join('\n')}`);
  }
}
