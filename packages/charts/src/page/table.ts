import { type Html, type HtmlPart, html } from './html.js';

/** The columns of a table by their titles: texts begin on the left, numbers end on the right. */
export type Columns = Readonly<Record<string, 'text' | 'number'>>;

/** A table whose first column says what each row is of. @param caption says what the table shows, for screen readers too */
export function table(caption: string, columns: Columns, rows: readonly (readonly HtmlPart[])[]): Html {
  const kinds = Object.values(columns);
  const cells = (row: readonly HtmlPart[]) =>
    row.map((cell, column) =>
      column === 0
        ? html`<th scope="row" class="${kinds[column]!}">${cell}</th>`
        : html`<td class="${kinds[column]!}">${cell}</td>`,
    );
  const header = Object.entries(columns).map(
    ([title, kind]) => html`<th scope="col" class="${kind}">${title}</th>`,
  );
  return scrollable(
    caption,
    html`<table><caption>${caption}</caption>
<thead><tr>${header}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody></table>`,
  );
}

/** Contents that may be wider than a small screen; they can be focused and scrolled with the keyboard. */
export function scrollable(label: string, contents: Html): Html {
  return html`<div class="scrollable" role="region" aria-label="${label}" tabindex="0">${contents}</div>\n`;
}
