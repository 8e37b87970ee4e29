import { type FakeServer, sha256 } from '../../../files/src/testing.js';
import type { RepositoryFile } from '../hub/repository-file.js';

export {
  cut,
  impatient,
  json,
  refusal,
  sha256,
  someBytes,
  startServer as startHub,
  status,
  whole,
} from '../../../files/src/testing.js';

/** A hub of the tests' own. */
export type FakeHub = FakeServer;

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
