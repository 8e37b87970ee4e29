/** Far deeper than any file of this project or of its neighbors. */
const MOST_DEPTH = 100;

/**
 * `JSON.parse` of a stranger's text. It parses lists in lists without end, on which whatever goes into them, such as
 * `JSON.stringify`, runs out of stack.
 *
 * @throws Error if it is not JSON, or is nested more than 100 levels deep
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  let depth = 0;
  // Texts are skipped, as brackets in them nest nothing.
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (part === '[' || part === '{') depth++;
    else if (part === ']' || part === '}') depth--;
    if (depth > MOST_DEPTH) throw new Error(`it is nested more than ${MOST_DEPTH} levels deep`);
  }
  return value;
}
