/** Text that is HTML already. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type HtmlPart = Html | string | number | readonly HtmlPart[];

/** Writes HTML; what is put in is escaped, unless it is `Html`: html`<td>${name}</td>`. Attributes must be quoted. */
export function html(strings: TemplateStringsArray, ...parts: HtmlPart[]): Html {
  return new Html(String.raw({ raw: strings }, ...parts.map(textOf)));
}

function textOf(part: HtmlPart): string {
  if (part instanceof Html) return part.toString();
  return Array.isArray(part) ? part.map(textOf).join('') : escaped(String(part));
}

/** HTML takes no control characters but those of layout, and no halves of pairs. */
function escaped(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n]|[\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
