import { coded } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { readDigits } from '../../digits/read-digits.js';
import { detectionLoader } from '../detection-loader.js';
import { digitScenes } from './digit-scenes.js';
import { drawScene } from './draw-scene.js';
import { sceneLayout } from './scene-layout.js';

describe('digitScenes', () => {
  it('scatters digits of all classes, within the ranges, with little overlap', async () => {
    const set = await digitScenes({ count: 300, seed: 1 });
    expect(set).toMatchObject({ count: 300, classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] });
    const counts = new Map<number, number>();
    const labels = new Set<number>();
    for (let index = 0; index < set.count; index++) {
      const objects = set.objects(index);
      expect(set.objects(index)).toEqual(objects);
      counts.set(objects.labels.length, (counts.get(objects.labels.length) ?? 0) + 1);
      const boxes = [...objects.labels].map((label, at) => {
        labels.add(label);
        return [...objects.boxes.subarray(4 * at, 4 * at + 4)] as [number, number, number, number];
      });
      for (const [number, [x1, y1, x2, y2]] of boxes.entries()) {
        expect(Math.min(x1, y1)).toBeGreaterThanOrEqual(0);
        expect(Math.max(x2, y2)).toBeLessThanOrEqual(128);
        const side = Math.max(x2 - x1, y2 - y1);
        expect(side).toBeGreaterThanOrEqual(20);
        expect(side).toBeLessThanOrEqual(60);
        for (const other of boxes.slice(0, number)) {
          const width = Math.max(0, Math.min(x2, other[2]) - Math.max(x1, other[0]));
          const height = Math.max(0, Math.min(y2, other[3]) - Math.max(y1, other[1]));
          const smaller = Math.min((x2 - x1) * (y2 - y1), (other[2] - other[0]) * (other[3] - other[1]));
          expect(width * height).toBeLessThanOrEqual(0.1 * smaller);
        }
      }
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(Math.min(...counts.values())).toBeGreaterThan(30);
    expect(labels.size).toBe(10);
  });

  it('draws the same image for the same seed and index, and others for others', async () => {
    const [set, again, other] = await Promise.all([
      digitScenes({ count: 3, seed: 1 }),
      digitScenes({ count: 5, seed: 1 }),
      digitScenes({ count: 3, seed: 2 }),
    ]);
    const image = await set.read(2);
    expect(image).toMatchObject({ height: 128, width: 128, channels: 3 });
    expect(await again.read(2)).toEqual(image);
    expect(await other.read(2)).not.toEqual(image);
    expect(await set.read(1)).not.toEqual(image);
    expect(set.size!(2)).toEqual([128, 128]);
  });

  it('draws each digit where its box says, different from the background', async () => {
    const { train } = await readDigits();
    const shape = { size: 96, least: 1, most: 1, sides: [20, 60] as const };
    for (let scene = 0; scene < 60; scene++) {
      const placed = sceneLayout(train, shape, 3, scene);
      const [drawn, empty] = [placed, []].map((digits) => drawScene(train, digits, 96, 3, scene).pixels);
      const { top, left, height, width } = placed[0]!.place;
      const box = [96, 96, 0, 0];
      let most = 0;
      for (let y = 0; y < 96; y++) {
        for (let x = 0; x < 96; x++) {
          const at = (y * 96 + x) * 3;
          const change = Math.abs(
            drawn![at]! + drawn![at + 1]! + drawn![at + 2]! - empty![at]! - empty![at + 1]! - empty![at + 2]!,
          );
          most = Math.max(most, change / 3);
          if (change === 0) continue;
          box[0] = Math.min(box[0]!, x);
          box[1] = Math.min(box[1]!, y);
          box[2] = Math.max(box[2]!, x + 1);
          box[3] = Math.max(box[3]!, y + 1);
        }
      }
      for (const [at, side] of [left, top, left + width, top + height].entries()) {
        expect(Math.abs(side - box[at]!)).toBeLessThanOrEqual(1);
      }
      expect(most).toBeGreaterThan(40);
    }
  });

  it('uses other digits for tests, and is read in batches', async () => {
    const set = await digitScenes({ count: 5, part: 'test', least: 0, most: 1 });
    expect(set.name).toBe('digit scenes test');
    for await (const { images } of detectionLoader(set, { batchSize: 5, shuffle: true }).epoch(0)) {
      expect(images.map(({ name }) => name).sort()).toEqual([0, 1, 2, 3, 4].map((index) => `scene ${index}`));
    }
  });

  it.each([
    [{ count: 0 }, 'count'],
    [{ count: 1, seed: 0.5 }, 'seed'],
    [{ count: 1, least: 3, most: 2 }, 'most'],
    [{ count: 1, sides: [20, 200] as const }, 'upper end'],
    [{ count: 1, sides: [2, 20] as const }, 'lower end'],
  ])('refuses %o', async (options, named) => {
    await expect(digitScenes(options)).rejects.toEqual(coded('OPTION_INVALID', named));
  });

  it('says so where digits do not fit', async () => {
    const set = await digitScenes({ count: 1, size: 64, least: 50, most: 50, sides: [40, 60] });
    expect(() => set.objects(0)).toThrow(coded('OPTION_INVALID', "50 digits of 40 pixels don't fit"));
    await expect(set.read(0)).rejects.toEqual(coded('OPTION_INVALID'));
    await expect(set.read(1)).rejects.toEqual(coded('OPTION_INVALID', 'found 1'));
  });
});
