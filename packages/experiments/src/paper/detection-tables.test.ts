import { describe, expect, it } from 'vitest';
import { detectionTables } from './detection-tables.js';

const values = (number: number, method: string) =>
  detectionTables.find((table) => table.number === number)!.rows.find((row) => row.method === method)!.values;

describe('detectionTables', () => {
  it('has Tables 7 to 14, with a number or none for each column', () => {
    expect(detectionTables.map(({ number }) => number)).toEqual([7, 8, 9, 10, 11, 12, 13, 14]);
    for (const { columns, rows } of detectionTables) {
      for (const row of rows) {
        expect(row.values).toHaveLength(columns.length);
        expect(row.values.some((value) => value !== undefined)).toBe(true);
      }
      expect(new Set(rows.map(({ method }) => method)).size).toBe(rows.length);
    }
  });

  it('says what the text says: 3 and 6 points more than VGG-16 on VOC and COCO, a relative 28 %', () => {
    const [vgg, resnet] = [values(8, 'VGG-16'), values(8, 'ResNet-101')];
    expect(resnet[1]! - vgg[1]!).toBeCloseTo(6.0, 10);
    expect((resnet[1]! - vgg[1]!) / vgg[1]!).toBeCloseTo(0.28, 2);
    expect(resnet[0]! - vgg[0]!).toBeCloseTo(6.9, 10);
    expect(values(7, 'ResNet-101')[0]! - values(7, 'VGG-16')[0]!).toBeGreaterThan(3);
    // Context brings about 1 point of mAP@.5, several scales over 2.
    expect(values(9, '+ context')[0]! - values(9, '+ box refinement')[0]!).toBeCloseTo(1.2, 10);
    expect(values(9, '+ multi-scale testing')[0]! - values(9, '+ context')[0]!).toBeGreaterThan(2);
    // Localization: 64 % less error than the best of the year before.
    expect(1 - values(14, 'ResNet, ILSVRC 15')[1]! / values(14, 'VGG, ILSVRC 14')[1]!).toBeCloseTo(0.64, 2);
  });

  it('repeats the numbers of other tables', () => {
    for (const method of ['VGG-16', 'ResNet-101']) {
      expect(values(9, method).slice(0, 2)).toEqual(values(8, method));
      expect([values(10, method)[0], values(11, method)[0]]).toEqual(values(7, method));
    }
    expect(values(13, 'RPN + R-CNN, ensembles of both')[1]).toBe(values(14, 'ResNet, ILSVRC 15')[0]);
  });
});
