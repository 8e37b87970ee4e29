import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder for files that can be fetched again: RESNET_CACHE, else a folder in the system's cache folder. */
export function cacheFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const { RESNET_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (RESNET_CACHE) return RESNET_CACHE;
  const system = XDG_CACHE_HOME || (platform === 'win32' && LOCALAPPDATA) || join(homedir(), '.cache');
  return join(system, 'resnet');
}
