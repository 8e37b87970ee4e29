import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageCommand } from './package-command.js';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

const program = (above: string) => join(above, 'node_modules', '@resnet', 'cli', 'dist', 'main.js');

describe('packageCommand', () => {
  it('is for all projects where the program is', () => {
    const where = program(join(folder, 'lib'));
    expect(packageCommand('install', 'sharp', where)).toBe('npm install -g sharp');
    expect(packageCommand('rebuild', 'sharp', where)).toBe('npm rebuild -g sharp');
  });

  it('is for the project that the program is in', async () => {
    const project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{}');
    expect(packageCommand('install', 'sharp', program(project))).toBe('npm install sharp');
    expect(packageCommand('install', 'sharp', join(project, 'dist', 'main.js'))).toBe('npm install sharp');
  });
});
