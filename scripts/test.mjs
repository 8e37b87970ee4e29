// Everything that this machine can run: lint, types, then unit and integration tests. It runs all steps even if one fails, so that one
// run shows every problem. Arguments go to vitest: npm test -- --project zoo.
import { execFileSync } from 'node:child_process';

// Not by npx, which asks the registry for a package of a program's name where the program is missing.
const args = process.argv.slice(2);
const steps = [
  ['lint', ['npm', 'run', '--silent', 'lint']],
  ['types', ['npm', 'run', '--silent', 'typecheck', '--', '--output-logs=errors-only']],
  ['tests', ['node', 'node_modules/vitest/vitest.mjs', 'run', ...args]],
];

// Its first run on a machine would print a page about its telemetry.
process.env.TURBO_TELEMETRY_DISABLED = '1';
const failed = steps.filter(([name, [command, ...rest]]) => {
  console.log(`\n── ${name} ──`);
  try {
    execFileSync(command, rest, { stdio: 'inherit', shell: process.platform === 'win32' });
    return false;
  } catch {
    return true;
  }
});

console.log(`\n${steps.length - failed.length} passed, ${failed.length} failed`);
if (failed.length > 0) {
  console.log(`failed: ${failed.map(([name]) => name).join(', ')}`);
  process.exit(1);
}
