import { sha256 } from '@resnet/testing';
import type { RepositoryFile } from '../hub/repository-file.js';

export const commit = '0123456789abcdef0123456789abcdef01234567';

/** A file of the hub with these bytes. */
export function fileOf(bytes: Uint8Array): RepositoryFile {
  return {
    repository: 'owner/model',
    commit,
    path: 'model.safetensors',
    bytes: bytes.length,
    sha256: sha256(bytes),
  };
}
