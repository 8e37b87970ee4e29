import { fileURLToPath } from 'node:url';

/** The file of this program, for Node to run. The source and the build both are one folder below package.json. */
export const ownProgram = fileURLToPath(new URL('../bin/resnet.js', import.meta.url));
