/**
 * The characters that a terminal would act on or hide instead of showing: control characters except the line feed (so also escape
 * sequences), marks of writing direction, line separators. Joiners, which scripts and emoji need, are not among them.
 */
const unprintable = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Makes untrusted text safe for a terminal: unprintable characters become escapes as in JSON, `\u001b`, so that JSON keeps its
 * meaning. Line feeds stay.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) =>
    [...Array(character.length).keys()]
      .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
