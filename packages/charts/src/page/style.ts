/** How pages look: light or dark as the system is, on wide screens, narrow ones and paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --text: #1b1e23;
  --quiet: #5c6470;
  --page: #ffffff;
  --card: #f4f6f8;
  --line: #d8dde4;
  --right: 76 120 168;
  --wrong: 228 87 86;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6e8eb;
    --quiet: #a0a8b3;
    --page: #16181c;
    --card: #22252b;
    --line: #3a3f47;
  }
  .chart svg { filter: invert(0.91) hue-rotate(180deg); }
}
* { box-sizing: border-box; }
body {
  max-width: 76rem;
  margin: 0 auto;
  padding: 1.5rem 1rem 4rem;
  background: var(--page);
  color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 3rem 0 0.5rem; font-size: 1.35rem; }
h3 { margin: 2rem 0 0; font-size: 1.1rem; }
p { max-width: 45rem; margin: 0.5rem 0; }
.scrollable { overflow-x: auto; margin: 0.75rem 0; }
table { border-collapse: collapse; font-size: 0.95rem; font-variant-numeric: tabular-nums; }
caption { max-width: calc(100vw - 2rem); padding: 0.25rem 0 0.5rem; color: var(--quiet); text-align: left; }
th, td { padding: 0.35rem 0.9rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
th, .text { max-width: 20rem; overflow-wrap: break-word; }
th:first-child, td:first-child { padding-left: 0.25rem; }
thead th { color: var(--quiet); font-weight: 600; vertical-align: bottom; }
tbody th { min-width: 9.5rem; font-weight: 600; }
.number { text-align: right; }
td.number { white-space: nowrap; }
@media (max-width: 40rem) {
  table { font-size: 0.85rem; }
  th, td { padding: 0.35rem 0.4rem; }
  tbody th { min-width: 0; }
}
.matrix { font-size: 0.85rem; }
.matrix th, .matrix td { min-width: 2.25rem; padding: 0.25rem 0.4rem; border: 1px solid var(--line); }
.matrix td { text-align: right; white-space: nowrap; }
.matrix bdi { display: block; max-inline-size: 9rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.matrix thead th { writing-mode: vertical-rl; transform: rotate(180deg); }
.matrix tbody th { position: sticky; left: 0; background: var(--page); }
.matrix .none { color: var(--quiet); }
.matrix .right, .matrix .wrong { print-color-adjust: exact; }
.matrix .right { background: rgb(var(--right) / calc(0.15 + 0.55 * var(--share))); }
.matrix .wrong { background: rgb(var(--wrong) / calc(0.15 + 0.55 * var(--share))); }
.chart { width: 52rem; max-width: 100%; min-width: 36rem; }
.chart svg { display: block; width: 100%; height: auto; }
.chart svg > rect { fill: none; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 1rem; margin-top: 1rem; }
figure { margin: 0; overflow: hidden; border-radius: 0.5rem; background: var(--card); font-size: 0.85rem; }
figure img, .missing { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; }
.missing { display: grid; place-items: center; border-bottom: 1px solid var(--line); color: var(--quiet); }
figcaption { padding: 0.5rem 0.6rem 0.6rem; overflow-wrap: anywhere; }
.share { white-space: nowrap; }
.index { color: var(--quiet); }
.detected, .object { padding-left: 0.4rem; border-left: 0.3rem solid rgb(var(--wrong)); }
.object { border-left-color: rgb(var(--right)); }
@media print { tr, figure { break-inside: avoid; } }
`;
