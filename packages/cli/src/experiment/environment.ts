import type { Backend } from '@resnet/backend';
import { installedVersion, ownVersion } from '../version.js';

/** What may change results in the last digits. */
export function environmentOf({ device }: Backend): { device: string; versions: Record<string, string> } {
  const tfjs = installedVersion('@tensorflow/tfjs-core');
  const versions = { resnet: ownVersion(), node: process.version };
  return { device, versions: tfjs === undefined ? versions : { ...versions, 'tfjs-core': tfjs } };
}
