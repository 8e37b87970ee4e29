#!/usr/bin/env node
// In git, not built: npm links a program only if its file is there when it installs, and the build comes after that.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('resnet is not built yet: run `npm run build` at the root of the repository.');
  process.exitCode = 1;
}
