import { refusal, temporaryFolder } from '@resnet/testing';
import { expect, it } from 'vitest';
import { checkPlatform, checkRoom } from './check-machine.js';
import { SETUPS } from './setup.js';

const here = (glibc?: string, platform = 'linux', arch = 'x64') => ({ platform, arch, glibc });
const check = (...parameters: Parameters<typeof here>) =>
  checkPlatform(SETUPS['node-gpu'], here(...parameters));

it('refuses machines for which TensorFlow has no library', () => {
  for (const glibc of ['2.27', '2.36', '3.0']) expect(() => check(glibc)).not.toThrow();
  expect(() => check('2.17')).toThrow(refusal('SETUP_IMPOSSIBLE', 'glibc 2.27 or later, found glibc 2.17'));
  expect(() => check(undefined)).toThrow(refusal('SETUP_IMPOSSIBLE', 'another C library'));
  expect(() => check('2.36', 'linux', 'arm64')).toThrow(refusal('SETUP_IMPOSSIBLE', 'found linux on arm64'));
  const mac = refusal('SETUP_IMPOSSIBLE', 'npm install @tensorflow/tfjs-node-gpu');
  expect(() => check(undefined, 'darwin')).toThrow(mac);
});

it('refuses a disk without room', async () => {
  const { folder, remove } = await temporaryFolder();
  try {
    await checkRoom(folder, 1);
    await expect(checkRoom(folder, 1e18)).rejects.toEqual(refusal('SETUP_IMPOSSIBLE', 'RESNET_CACHE'));
  } finally {
    await remove();
  }
});
