import type { RemoteFile, Target } from '@resnet/files';
import { addressOf, describeFile, type FileReference, type RepositoryFile } from './repository-file.js';
import type { Settings } from './settings.js';

/** What is asked of the hub about a file at an address. */
export function targetOf(reference: FileReference, url: string, { token }: Settings): Target {
  return {
    url,
    name: describeFile(reference),
    server: 'The hub',
    codes: { missing: 'WEIGHTS_MISSING', corrupt: 'WEIGHTS_CORRUPT' },
    forbiddenAdvice:
      token === undefined
        ? 'The repository is private, wants its terms accepted first, or does not exist. Where you have access, give a token: the option token, or HF_TOKEN in Node.'
        : 'Is the access token one that may read it, and are the repository’s terms accepted?',
  };
}

/** A file of the hub, to be fetched. */
export function remoteFileOf(file: RepositoryFile, settings: Settings): RemoteFile {
  const target = targetOf(file, addressOf(settings.hub, file), settings);
  return { ...target, bytes: file.bytes, checksum: `sha256 ${file.sha256}` };
}
