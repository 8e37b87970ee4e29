import { existsSync } from 'node:fs';

const chromium = '/usr/lib/chromium';

/**
 * Lets WebGPU in Node find the software GPU that comes with Debian's Chromium, SwiftShader, where no driver was chosen.
 * For processes that are started afterwards: the loader of libraries reads its path once.
 */
export function offerSoftwareGpu(environment: NodeJS.ProcessEnv): void {
  const driver = `${chromium}/vk_swiftshader_icd.json`;
  if (environment.VK_ICD_FILENAMES !== undefined || !existsSync(driver)) return;
  environment.VK_ICD_FILENAMES = driver;
  environment.LD_LIBRARY_PATH = [environment.LD_LIBRARY_PATH, chromium].filter(Boolean).join(':');
}
