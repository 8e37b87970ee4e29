import { type Html, type HtmlPart, html } from './html.js';

/** How the cells of a column stand: texts to the left, numbers to the right. */
export interface Column {
  title: string;
  kind: 'text' | 'number';
}

/** A table whose first column says what each row is of. @param caption says what the table shows, for those who hear it */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly HtmlPart[])[],
): Html {
  const cells = (row: readonly HtmlPart[]) =>
    row.map((cell, column) =>
      column === 0
        ? html`<th scope="row" class="${columns[column]!.kind}">${cell}</th>`
        : html`<td class="${columns[column]!.kind}">${cell}</td>`,
    );
  const header = columns.map(({ title, kind }) => html`<th scope="col" class="${kind}">${title}</th>`);
  return scrollable(
    caption,
    html`<table><caption>${caption}</caption>
<thead><tr>${header}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody></table>`,
  );
}

/** What may be wider than a small screen; it can be reached and moved with the keyboard. */
export function scrollable(label: string, contents: Html): Html {
  return html`<div class="scrollable" role="region" aria-label="${label}" tabindex="0">${contents}</div>\n`;
}
