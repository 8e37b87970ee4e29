/** What went wrong, of a message that goes on to say what to do about it. */
export function firstSentence(message: string): string {
  return message.split(/(?<=\.) (?=[A-Z])/, 1)[0]!;
}
