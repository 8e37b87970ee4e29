import * as host from '#hub-host';
import type { Model } from '../model/model.js';
import { type DownloadedWeights, type DownloadOptions, download } from './download.js';
import { load, type PretrainedOptions } from './load-pretrained.js';
import type { FileReference } from './repository-file.js';

/**
 * Fetches a file of weights from the Hugging Face hub, or takes it from where it was kept; `readWeights` reads it. A file that
 * is pinned by commit, size and sha256 and was kept needs no network. A download that is cut goes on where it was, also in a
 * later call in Node; its bytes are checked before they are returned or kept.
 *
 * @param file the file; the hub is asked for what is not given of commit, bytes and sha256
 * @returns the file's bytes, owned by the caller
 * @throws DOWNLOAD_FAILED if the hub can't be reached, with what to do without it, or answers what is of no use;
 *   DOWNLOAD_FORBIDDEN if it refuses the file; WEIGHTS_MISSING if it has none; WEIGHTS_CORRUPT if it has another;
 *   FILE_UNWRITABLE and FILE_UNREADABLE for the folder where files are kept; OPTION_INVALID; OUT_OF_MEMORY; ABORTED
 */
export function downloadWeights(
  file: FileReference,
  options: DownloadOptions = {},
): Promise<DownloadedWeights> {
  return download(file, options, host);
}

/**
 * A network with trained weights from the Hugging Face hub, ready to use: `loadPretrained('resnet50')`.
 *
 * @param name one of `pretrainedFiles`, or any repository of weights of a network of this project, as 'owner/repository'
 * @returns a network in inference mode, which owns its tensors until `dispose()`
 * @throws UNKNOWN_NAME for another name; as `downloadWeights`, `readWeights` and `openModel` do, naming the file
 */
export function loadPretrained(name: string, options: PretrainedOptions = {}): Promise<Model> {
  return load(name, options, host);
}
