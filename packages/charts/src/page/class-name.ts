import { type Html, html } from './html.js';

/** What a page calls a class. Names that are numbers would be taken for counts. */
export function className(names: readonly string[], label: number): string {
  const name = names[label]?.trim() || String(label);
  return /^\d+$/.test(name) ? `class ${name}` : name;
}

/** The same within a text: written from right to left, it must not reorder what stands around it. */
export function isolatedClassName(names: readonly string[], label: number): Html {
  return html`<bdi>${className(names, label)}</bdi>`;
}
