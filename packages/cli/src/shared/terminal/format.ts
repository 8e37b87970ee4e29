/** 64000 as '64,000'. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** The first of some names: 'ant, bee, cat, …'. */
export function formatSome(names: readonly string[], most = 3): string {
  return `${names.slice(0, most).join(', ')}${names.length > most ? ', …' : ''}`;
}

/** A share as a percentage, with two decimals as the paper gives errors: '8.27 %'. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
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
