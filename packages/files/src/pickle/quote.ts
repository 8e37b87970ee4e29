const longest = 80;

/**
 * A name out of a stranger's file, made fit for a message: short, on one line, with no control characters.
 */
export function quote(text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return JSON.stringify(short).replace(/\p{C}/gu, '\ufffd');
}
