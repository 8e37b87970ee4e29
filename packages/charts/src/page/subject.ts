import { type Html, html } from './html.js';
import { scrollable } from './table.js';

/** What was tested, on what and how. */
export function subjectSection(subject: Readonly<Record<string, string>>): Html {
  const rows = Object.entries(subject).map(
    ([entry, value]) => html`<tr><th scope="row">${entry}</th><td>${value}</td></tr>\n`,
  );
  if (rows.length === 0) return html``;
  const caption = 'What was evaluated';
  return scrollable(caption, html`<table><caption>${caption}</caption>\n<tbody>\n${rows}</tbody></table>`);
}
