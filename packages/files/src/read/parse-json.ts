/** Far deeper than any file of this project or of related ones. */
const MOST_DEPTH = 100;

/**
 * `JSON.parse` for untrusted text. `JSON.parse` itself takes lists nested to any depth, in which recursive functions, such as
 * `JSON.stringify`, run out of stack.
 *
 * @throws Error if it is not JSON, or is nested more than 100 levels deep
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  let depth = 0;
  // Strings are skipped, as brackets in them don't nest.
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (part === '[' || part === '{') depth++;
    else if (part === ']' || part === '}') depth--;
    if (depth > MOST_DEPTH) throw new Error(`it is nested more than ${MOST_DEPTH} levels deep`);
  }
  return value;
}
