/**
 * Whatever a terminal would act on or hide instead of showing it: control characters but the line feed, escape sequences
 * with them, directions of writing, separators of lines. Joiners, which scripts and emoji need, stay.
 */
const unprintable = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text that a stranger may have written, made fit for a terminal: what is not printable becomes an escape as in JSON, `\u001b`,
 * so that JSON stays the same JSON. Line feeds stay.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) =>
    [...Array(character.length).keys()]
      .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
