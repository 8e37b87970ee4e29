// Installs and builds what is missing, so that `npm start` and `npm test` work on a fresh clone. Uses nothing but Node.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const mark = join(root, 'node_modules', '.prepared');
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`This project needs Node 20.19 or later, found ${process.versions.node}.`);
  process.exit(1);
}

// Its first run on a machine would print a page about its telemetry.
process.env.TURBO_TELEMETRY_DISABLED = '1';
const npm = (...args) => {
  execFileSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
};

if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
  console.log('Installing packages …');
  npm('ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error');
  writeFileSync(mark, lock);
}
console.log('Building packages (unchanged ones are taken from the cache) …');
npm('run', '--silent', 'build', '--', '--output-logs=errors-only', '--no-update-notifier');
