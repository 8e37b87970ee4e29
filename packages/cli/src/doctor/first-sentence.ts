/** The first sentence of an error's message, which says what is wrong; the next ones say what to do. */
export function firstSentence(message: string): string {
  return message.split(/(?<=\.) (?=[A-Z])/, 1)[0]!;
}
