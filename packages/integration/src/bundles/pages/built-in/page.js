import { readFileSync } from 'node:fs';

window.run = readFileSync;
