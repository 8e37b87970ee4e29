import { type Html, html } from './html.js';

/** The name of a class on a page. Names that are numbers would be taken for counts. */
export function className(names: readonly string[], label: number): string {
  const name = names[label]?.trim() || String(label);
  return /^\d+$/.test(name) ? `class ${name}` : name;
}

/** The same within a text: a name that is written from right to left must not reorder the text around it. */
export function isolatedClassName(names: readonly string[], label: number): Html {
  return html`<bdi>${className(names, label)}</bdi>`;
}
