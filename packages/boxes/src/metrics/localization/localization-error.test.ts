import { expect, it } from 'vitest';
import { image, type WrittenBox } from '../../testing/made-set.js';
import { localizationError } from './localization-error.js';

const classes = ['cat', 'dog'];
const cat = { box: [0, 0, 100, 100], label: 0 } as const;
const elsewhere = { box: [200, 0, 300, 100], label: 0 } as const;
const dog = { ...cat, label: 1 } as const;
const errorsOf = (truths: WrittenBox[], guesses: WrittenBox[]) => {
  const { errors, classErrors } = localizationError([image(truths, guesses)], { classes });
  return [errors, classErrors];
};

it('wants the class and the place in one guess', () => {
  expect(errorsOf([cat], [cat])).toEqual([0, 0]);
  expect(errorsOf([cat], [dog])).toEqual([1, 1]);
  expect(errorsOf([cat], [elsewhere])).toEqual([1, 0]);
  expect(errorsOf([cat], [dog, elsewhere])).toEqual([1, 0]);
  expect(errorsOf([cat], [])).toEqual([1, 1]);
  expect(errorsOf([elsewhere, cat], [cat])).toEqual([0, 0]);
});

it('takes an overlap of exactly the threshold', () => {
  expect(errorsOf([cat], [{ ...cat, box: [0, 0, 50, 100] }])).toEqual([0, 0]);
  expect(errorsOf([cat], [{ ...cat, box: [0, 0, 49, 100] }])).toEqual([1, 0]);
});

it('counts the five best guesses', () => {
  const wrong = Array.from({ length: 5 }, () => ({ ...dog, score: 0.6 }));
  expect(errorsOf([cat], [{ ...cat, score: 0.5 }, ...wrong])).toEqual([1, 1]);
  expect(errorsOf([cat], [{ ...cat, score: 0.7 }, ...wrong])).toEqual([0, 0]);
  const six = localizationError([image([cat], [...wrong, cat])], { classes, guesses: 6 });
  expect(six).toEqual({ count: 1, errors: 0, error: 0, classErrors: 0 });
});

it('gives the share of all images', () => {
  const images = [image([cat], [cat]), image([cat], [dog]), image([dog], [dog]), image([dog], [elsewhere])];
  expect(localizationError(images, { classes }).error).toBe(0.5);
  expect(localizationError([], { classes }).error).toBe(-1);
});

it('refuses an image without objects', () => {
  expect(() => localizationError([{ ...image([], [cat]), name: 'a.jpg' }], { classes })).toThrow(
    expect.objectContaining({
      code: 'DATA_INVALID',
      message: expect.stringContaining("The truth of image 0 ('a.jpg') must have a box"),
    }),
  );
});
