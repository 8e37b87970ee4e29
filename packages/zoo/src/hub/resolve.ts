import { ResnetError } from '@resnet/core';
import { Interruption, quote, request, retrying } from '@resnet/files';
import type { WeightsCache } from './cache/weights-cache.js';
import type { HubHost } from './host.js';
import {
  describeFile,
  type FileReference,
  isCommit,
  isSha256,
  isSize,
  maximumBytes,
  type RepositoryFile,
} from './repository-file.js';
import { connectionOf, type Settings } from './settings.js';
import { targetOf } from './target.js';

/** Lists of repositories with thousands of files are smaller. */
const maximumAnswerBytes = 2 ** 24;

type Pin = Pick<RepositoryFile, 'commit' | 'bytes' | 'sha256'>;

/**
 * Asks the hub which file a reference means. The answer is kept: that of a commit holds for ever, that of a branch while the
 * hub can't be reached.
 *
 * @throws WEIGHTS_MISSING if there is no such file; WEIGHTS_CORRUPT if it is not the one that the reference describes;
 *   DOWNLOAD_FAILED, DOWNLOAD_FORBIDDEN, ABORTED
 */
export async function resolve(
  reference: FileReference,
  settings: Settings,
  cache: WeightsCache,
  host: HubHost,
): Promise<RepositoryFile> {
  const { repository, path } = reference;
  const revision = reference.commit ?? reference.revision ?? 'main';
  const key = JSON.stringify([settings.hub, repository, revision, path]);
  const note = `${await host.sha256(new TextEncoder().encode(key))}.json`;
  const known = parsePin(await cache.recall(note));

  let pin = isCommit(revision) ? known : undefined;
  try {
    pin ??= findPin(await askHub(reference, revision, settings), reference);
    // The answer is kept for offline use only; if that fails, keeping the file itself will fail with an error.
    await cache.remember(note, JSON.stringify(pin)).catch(() => {});
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    if (!known) {
      const url = `${settings.hub}/${repository}/resolve/${revision}/${path}`;
      const message = `Can't ask ${settings.hub} for ${describeFile(reference)}: ${error.message}. It works without a network once it has been fetched; until then, fetch ${url} elsewhere and open that file by its path.`;
      throw new ResnetError('DOWNLOAD_FAILED', message, { cause: error });
    }
    pin = known;
  }

  for (const part of ['commit', 'bytes', 'sha256'] as const) {
    if (reference[part] !== undefined && reference[part] !== pin[part]) {
      const message = `The hub does not have the right ${describeFile(reference)}: expected ${part} ${reference[part]}, found ${pin[part]}.`;
      throw new ResnetError('WEIGHTS_CORRUPT', message);
    }
  }
  return { repository, path, ...pin };
}

async function askHub(reference: FileReference, revision: string, settings: Settings): Promise<unknown> {
  const { repository } = reference;
  const url = `${settings.hub}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const connection = connectionOf(settings);
  const text = await retrying(async () => {
    const answer = await request(targetOf(reference, url, settings), connection);
    try {
      const decoder = new TextDecoder();
      let bytes = 0;
      let text = '';
      for await (const chunk of answer.chunks) {
        bytes += chunk.length;
        if (bytes > maximumAnswerBytes) throw notUnderstood(reference, 'it is too long');
        text += decoder.decode(chunk, { stream: true });
      }
      return text + decoder.decode();
    } finally {
      answer.stop();
    }
  }, connection);
  try {
    return JSON.parse(text);
  } catch {
    throw notUnderstood(reference, 'it is not JSON');
  }
}

/** Looks for the file in the hub's answer, which is not trusted. */
function findPin(answer: unknown, reference: FileReference): Pin {
  const { sha: commit, siblings } = (answer ?? {}) as { sha?: unknown; siblings?: unknown };
  if (!isCommit(commit)) throw notUnderstood(reference, 'it names no commit');
  if (!Array.isArray(siblings)) throw notUnderstood(reference, 'it has no list of files');
  const nameOf = (entry: unknown) => (entry as { rfilename?: unknown } | null)?.rfilename;
  const entry = siblings.find((entry) => nameOf(entry) === reference.path);
  if (!entry) {
    const names = siblings.map(nameOf).filter((name) => typeof name === 'string');
    const weights = names.filter((name) => /\.(safetensors|bin|pth?)$/.test(name)).slice(0, 5);
    const others = weights.length > 0 ? ` It has ${weights.map(quote).join(', ')}.` : '';
    throw new ResnetError('WEIGHTS_MISSING', `There is no ${describeFile(reference)}.${others}`);
  }
  const { size: bytes, sha256 } = (entry.lfs ?? {}) as { size?: unknown; sha256?: unknown };
  // Only small text files have none.
  if (!isSha256(sha256)) throw notUnderstood(reference, 'it gives no sha256 for the file');
  if (!isSize(bytes)) {
    throw notUnderstood(reference, `the file’s size is not from 1 to ${maximumBytes} bytes`);
  }
  return { commit, bytes, sha256 };
}

/** The kept answer; undefined if it is damaged. */
function parsePin(text: string | undefined): Pin | undefined {
  try {
    const { commit, bytes, sha256 } = JSON.parse(text ?? 'null') as Pin;
    return isCommit(commit) && isSize(bytes) && isSha256(sha256) ? { commit, bytes, sha256 } : undefined;
  } catch {
    return undefined;
  }
}

function notUnderstood(reference: FileReference, problem: string): ResnetError {
  const message = `The hub's answer on ${describeFile(reference)} is of no use: ${problem}.`;
  return new ResnetError('DOWNLOAD_FAILED', message);
}
