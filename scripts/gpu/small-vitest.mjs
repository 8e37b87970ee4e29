// What the conformance suite uses of vitest, which is too large for the pack: pack.mjs bundles the suite with this in its place, and
// `runAll` runs it, one test after the other.
import { deepStrictEqual } from 'node:assert';

/** @typedef {{ title: string, work: Function, parameters: unknown[] }} Test */
/** @typedef {{ title: string, tests: Test[], before: Function[], beforeEach: Function[], after: Function[] }} Suite */

const suiteOf = (title) => ({ title, tests: [], before: [], beforeEach: [], after: [] });

/** @type {Suite[]} */
const suites = [suiteOf('')];
let current = suites[0];

/** Suites within suites have the hooks of their own only: the conformance suite needs no others. */
export function describe(title, work, ...parameters) {
  const outer = current;
  if (outer !== suites[0])
    throw new Error(`'${title}' is within '${outer.title}', which this runner does not know.`);
  current = suiteOf(title);
  suites.push(current);
  work(...parameters);
  current = outer;
}
describe.each = (cases) => (title, work) => {
  for (const given of cases) describe(titleOf(title, [given]), work, given);
};

export function it(title, work, ...parameters) {
  current.tests.push({ title, work, parameters });
}
it.each = (cases) => (title, work) => {
  for (const given of cases) {
    const parameters = Array.isArray(given) ? given : [given];
    it(titleOf(title, parameters), work, ...parameters);
  }
};
it.for = (cases) => (title, work) => {
  for (const given of cases) it(titleOf(title, [given]), work, given);
};

export const beforeAll = (hook) => current.before.push(hook);
export const beforeEach = (hook) => current.beforeEach.push(hook);
export const afterAll = (hook) => current.after.push(hook);

/** $name and $name.part of an object, and %s and %d of others. */
function titleOf(title, parameters) {
  let next = 0;
  return title
    .replace(/%[sd]/g, () => String(parameters[next++]))
    .replace(/\$([\w.]+)/g, (_, path) => {
      const value = path.split('.').reduce((part, name) => part?.[name], parameters[0]);
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    });
}

class Skipped extends Error {}

const skip = (condition, reason) => {
  if (typeof condition === 'string') throw new Skipped(condition);
  if (condition) throw new Skipped(reason);
};

/** Of a value that is described and not given: it says whether another fits. */
class Description {
  constructor(fits, text) {
    this.fits = fits;
    this.text = text;
  }
}

const fits = (found, wanted) =>
  wanted instanceof Description ? wanted.fits(found) : Object.is(found, wanted);

export function expect(found, what = '') {
  const check = (holds, wanted) => {
    if (!holds) throw new Error(`${what && `${what}: `}expected ${wanted}, found ${shown(found)}.`);
  };
  return {
    toBe: (wanted) => check(Object.is(found, wanted), shown(wanted)),
    toBeLessThan: (bound) => check(found < bound, `less than ${bound}`),
    toEqual: (wanted) => deepStrictEqual(found, wanted, what || undefined),
    toThrow(wanted) {
      let error;
      try {
        found();
      } catch (thrown) {
        error = thrown;
      }
      check(error !== undefined, 'an error');
      if (wanted instanceof Description && !wanted.fits(error)) {
        throw new Error(`Expected an error with ${wanted.text}, found: ${error.code} ${error.message}`);
      } else if (wanted !== undefined && !(wanted instanceof Description)) {
        throw new Error('This runner knows errors only by descriptions.');
      }
    },
  };
}
expect.stringContaining = (part) => new Description((value) => value.includes(part), part);
expect.objectContaining = (parts) =>
  new Description(
    (value) => Object.entries(parts).every(([name, part]) => fits(value[name], part)),
    shown(parts),
  );
expect.toSatisfy = (fits, text) => new Description(fits, text);

const shown = (value) =>
  value instanceof Description ? value.text : (JSON.stringify(value) ?? String(value));

/** Runs all tests, prints what failed, and how many there were. The exit code is 1 if one failed, or if none ran. */
export async function runAll() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const started = performance.now();
  for (const suite of suites) {
    if (suite.tests.length === 0) continue;
    for (const hook of suite.before) await hook();
    for (const test of suite.tests) counts[await outcomeOf(suite, test)]++;
    for (const hook of suite.after) await hook();
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ${seconds} s`);
  // Dawn keeps the process alive.
  process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);
}

/**
 * @param {Suite} suite
 * @param {Test} test
 * @returns {Promise<'passed' | 'failed' | 'skipped'>}
 */
async function outcomeOf({ title: suite, beforeEach }, { title, work, parameters }) {
  const name = [suite, title].filter(Boolean).join(' > ');
  try {
    for (const hook of beforeEach) await hook({ skip });
    await work(...parameters, { skip });
    return 'passed';
  } catch (error) {
    if (error instanceof Skipped) {
      console.log(`skipped: ${name}: ${error.message}`);
      return 'skipped';
    }
    console.log(`FAILED: ${name}\n${error.stack}`);
    return 'failed';
  }
}
