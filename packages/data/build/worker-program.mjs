// Bundles the program of browsers' workers, and writes it as text into a module of JavaScript.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const root = join(import.meta.dirname, '..');
const { outputFiles } = buildSync({
  entryPoints: [join(root, 'src/loading/workers/program.browser.ts')],
  bundle: true,
  write: false,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
});
const [{ text }] = outputFiles;
writeFileSync(
  join(root, 'src/generated/worker-program.ts'),
  `// Made by build/worker-program.mjs of loading/workers/program.browser.ts.\nexport default ${JSON.stringify(text)};\n`,
);
console.log(`worker program ${text.length} characters`);
