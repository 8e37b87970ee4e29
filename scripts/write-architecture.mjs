// Writes the packages' graph into docs/architecture.md, from their package.json. With --check it only says whether the graph is
// up to date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const document = join(root, 'docs/architecture.md');
const [START, END] = ['<!-- graph: npm run write-architecture -->', '<!-- end of the graph -->'];

const packages = readdirSync(join(root, 'packages'))
  .map((folder) => JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')))
  .filter((manifest) => !manifest.private);
const direct = new Map(packages.map(({ name, dependencies = {} }) => [name, own(dependencies)]));

const text = readFileSync(document, 'utf8');
const [start, end] = [text.indexOf(START), text.indexOf(END)];
if (start < 0 || end < start) throw new Error(`${document} has no marks for the graph.`);
const written = `${text.slice(0, start)}${START}\n\n${graph()}\n\n${text.slice(end)}`;
if (!process.argv.includes('--check')) writeFileSync(document, written);
else if (written !== text) {
  console.error('The graph in docs/architecture.md is out of date. Run: npm run write-architecture');
  process.exit(1);
}

function own(dependencies) {
  return Object.keys(dependencies).filter((name) => name.startsWith('@resnet/'));
}

/** An arrow for each dependency that does not follow from others. */
function graph() {
  const short = (name) => name.slice('@resnet/'.length);
  const arrows = packages.flatMap(({ name }) =>
    direct
      .get(name)
      .filter((wanted) => !direct.get(name).some((other) => other !== wanted && all(other).has(wanted)))
      .map((wanted) => `  ${short(name)} --> ${short(wanted)}`),
  );
  return ['```mermaid', 'flowchart TD', ...arrows.sort(), '```'].join('\n');
}

/** What a package depends on, at any distance. */
function all(name) {
  const found = new Set();
  for (const wanted of direct.get(name) ?? []) for (const each of [wanted, ...all(wanted)]) found.add(each);
  return found;
}
