import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The folder of real data that is shared beside the repository; it may not be there. */
export const sharedData =
  process.env.RESNET_SHARED_DATA ?? join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');

/** The folder of 100 images of ImageNet, and what to add to a test's name where it is missing, else ''. */
export const imagenetSamples = join(sharedData, 'imagenet-samples');
export const noImagenetSamples = existsSync(imagenetSamples)
  ? ''
  : ' (skipped: needs imagenet-samples in the shared data)';

/** A folder with the real `test_batch.bin`, unpacked once and kept, or the reason why there is none. */
export async function realCifar10(): Promise<{ folder: string } | { missing: string }> {
  if (process.env.RESNET_CIFAR10) return { folder: process.env.RESNET_CIFAR10 };
  const archive = join(sharedData, 'cifar-10-binary.tar.xz');
  if (!existsSync(archive))
    return { missing: 'needs RESNET_CIFAR10, or cifar-10-binary.tar.xz in the shared data' };

  const kept = join(tmpdir(), `resnet-cifar10-test-${(await stat(archive)).size}`);
  if (existsSync(kept)) return { folder: kept };
  const fresh = await mkdtemp(join(tmpdir(), 'resnet-cifar10-'));
  try {
    await promisify(execFile)('tar', ['xJf', archive, '-C', fresh, 'cifar-10-batches-bin/test_batch.bin']);
    await rename(fresh, kept).catch(async (error) => {
      // Another run may have been faster; its files are the same.
      if (!existsSync(kept)) throw error;
    });
    return { folder: kept };
  } catch (error) {
    return { missing: `tar and xz must be able to unpack the archive: ${(error as Error).message}` };
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
