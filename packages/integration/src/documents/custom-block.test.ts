import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const program = join(import.meta.dirname, '../../../../examples/custom-block/dist/main.js');

it('a block of a stranger’s trains, resumes, is tested, fused, counted, exported and opened again', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program, '20']);
  const found = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(': {')), JSON.parse(line.slice(line.indexOf(': {') + 2))]),
  );
  const convolutions = 32 * 32 * 9 * (16 + 6 * 16 * 16);
  const stage = (side: number, width: number) =>
    side * side * ((9 * width * width) / 2 + 5 * 9 * width * width + (width * width) / 2);
  const gates = [16, 32, 64].reduce((sum, width) => sum + (3 * 2 * width * width) / 4, 0);
  expect(found.summary).toEqual({
    parameters: expect.any(Number),
    multiplyAdds: convolutions + stage(16, 32) + stage(8, 64) + gates + 64 * 10,
    depth: 20,
  });
  expect(found['trained, stopped in the middle and resumed'].steps).toBe(20);
  const { 'single view': single, 'multi-scale': several } = found['wrong of 100'];
  for (const wrong of [single, several]) expect(wrong).toBeLessThan(100);
  const { fused, onnx } = found['largest difference of logits'];
  expect(fused).toBeLessThan(1e-5);
  expect(onnx).toBeLessThan(1e-4);
  const opened = found['opened in a new process'];
  expect(opened.name).toBe('preact-se-resnet20');
  expect(opened['logits of one image']).toEqual(found.here['logits of one image']);
});
