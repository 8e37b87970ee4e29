import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';

/** One file of a repository of the Hugging Face hub, identified by its contents. */
export interface RepositoryFile {
  /** 'timm/resnet50.tv_in1k'. */
  repository: string;
  /** The 40 hexadecimal digits of a commit. */
  commit: string;
  /** The file's path in the repository. */
  path: string;
  /** Its size. */
  bytes: number;
  /** 64 lower-case hexadecimal digits. */
  sha256: string;
}

/** A file that is not fully identified; the hub is asked for the rest, and must agree with what is given. */
export interface FileReference extends Partial<RepositoryFile> {
  repository: string;
  path: string;
  /** A branch or tag, where no commit is given. Default 'main'. */
  revision?: string;
}

/** The largest file that is fetched. */
export const maximumBytes = 4 * 2 ** 30;

const longestName = 100;

export const isCommit = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{40}$/.test(value);

export const isSha256 = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

export const isSize = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= maximumBytes;

export function isPinned(file: FileReference): file is RepositoryFile {
  return file.commit !== undefined && file.bytes !== undefined && file.sha256 !== undefined;
}

/**
 * Checks what is known of a file, before it becomes part of an address or of a file's name.
 *
 * @throws OPTION_INVALID
 */
export function checkReference(file: FileReference): void {
  const { repository, path, revision, commit, bytes, sha256 } = file;
  const isName = (text: string) => /^[\w.-]+$/.test(text) && !/^\.+$/.test(text);
  const names = String(repository).split('/');
  expect(names.length <= 2 && names.every(isName), 'repository', "a name as 'owner/model'", repository);
  const isStep = (text: string) => !/^\.{0,2}$/.test(text) && !/[\p{C}\\]/u.test(text);
  expect(String(path).split('/').every(isStep), 'path', 'the path of a file in its repository', path);
  const isRevision = revision === undefined || (/^[\w./-]+$/.test(revision) && !revision.includes('..'));
  expect(isRevision, 'revision', 'the name of a branch or tag', revision);
  expect(commit === undefined || isCommit(commit), 'commit', '40 hexadecimal digits', commit);
  expect(bytes === undefined || isSize(bytes), 'bytes', `a size from 1 to ${maximumBytes}`, bytes);
  expect(sha256 === undefined || isSha256(sha256), 'sha256', '64 lower-case hexadecimal digits', sha256);
}

function expect(holds: boolean, name: string, expected: string, found: unknown): void {
  if (holds) return;
  const message = `The ${name} of a file of the hub must be ${expected}, found ${quote(String(found))}.`;
  throw new ResnetError('OPTION_INVALID', message);
}

/** Where a hub serves a file. */
export function addressOf(hub: string, file: RepositoryFile): string {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return `${hub}/${file.repository}/resolve/${file.commit}/${path}`;
}

/** A name for the file that is different for different contents, and valid on every file system. */
export function storedName(file: RepositoryFile): string {
  const name = file.path.split('/').at(-1)!;
  return `${file.sha256}-${name.replace(/[^\w.-]/g, '_').slice(-longestName)}`;
}

/** For messages: 'model.safetensors of timm/resnet50.tv_in1k'. */
export function describeFile(file: FileReference): string {
  return `${file.path} of ${file.repository}`;
}
