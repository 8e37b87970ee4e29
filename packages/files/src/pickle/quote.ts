const longest = 80;

/**
 * A name from an untrusted file, made safe for a message: short, on one line, without control characters.
 */
export function quote(text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return JSON.stringify(short).replace(/\p{C}/gu, '\ufffd');
}
