import { formatCount, formatPercent } from '@resnet/core';

/** The first of some names: 'ant, bee, cat, …'. */
export function formatSome(names: readonly string[], most = 3): string {
  return `${names.slice(0, most).join(', ')}${names.length > most ? ', …' : ''}`;
}

/** An error with the images behind it: '8.27 %  (827 of 10,000 wrong)'. */
export function formatErrors(errors: number, count: number): string {
  return `${formatPercent(errors / count)}  (${formatCount(errors)} of ${formatCount(count)} wrong)`;
}

/** 3725 seconds as '1:02:05', 65 as '1:05'. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  const tail = twoDigits(whole % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${tail}` : `${minutes}:${tail}`;
}

/** Speeds of two images a second and of two thousand alike: '1.8 images/s', '2,134 images/s'. */
export function formatSpeed(imagesPerSecond: number): string {
  const rounded =
    imagesPerSecond < 10 ? imagesPerSecond.toFixed(1) : formatCount(Math.round(imagesPerSecond));
  return `${rounded} images/s`;
}

export function formatBytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** [height, width, channels] as '32 × 32 × 3'. */
export function formatShape(shape: readonly number[]): string {
  return shape.join(' × ');
}
