import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

const { RESNET_SKIPPED } = process.env;

/**
 * Names every test that was not run, with its reason, so that no skip is silent. If RESNET_SKIPPED names a
 * file, that gets a line for each, with the test's file before a tab and the reason behind it.
 */
export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map((test) => {
        const result = test.result();
        const note = result.state === 'skipped' ? result.note : undefined;
        return { module, name: test.fullName, note };
      }),
    );
    if (RESNET_SKIPPED) {
      const lines = skipped.map(({ module, name, note }) => `${module.moduleId}\t${note ?? name}\n`);
      writeFileSync(RESNET_SKIPPED, lines.join(''));
    }
    if (skipped.length === 0) return;
    const lines = skipped.map(
      ({ module, name, note }) => `  ${module.project.name}: ${name}${note ? `\n    because ${note}` : ''}`,
    );
    console.log(`\nSkipped:\n${lines.join('\n')}`);
  }
}
