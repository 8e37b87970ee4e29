import { unknownName } from '@resnet/core';
import { quote } from '@resnet/files';
import { invalidTorch } from './torch-error.js';
import { TorchPlaceholder } from './torch-placeholder.js';
import { TorchTensor } from './torch-tensor.js';

/** A state dict, as found in what was saved. */
export interface FoundStateDict {
  /** Where: 'state_dict', or 'checkpoint.model'; undefined if it is all that was saved. */
  key?: string;
  tensors: [string, TorchTensor][];
  /** Names of what lies in the dicts on the way to the tensors and is none of them: 'epoch', 'optimizer'. */
  leftOut: string[];
  /** The texts among them. */
  texts: Record<string, string>;
}

/** A dict that may hold the state dict, with the keys that lead to it. */
interface Candidate {
  keys: readonly string[];
  dict: Map<unknown, unknown>;
}

/** How deep state dicts lie at most. */
const maximumDepth = 4;

/** The key of the dict that holds all others. */
const OUTERMOST = '.';

/** What a network's tensors are called, as against the state of an optimizer or of a generator of random numbers. */
const ofNetwork = /(^|\.)(weight|bias)$/;

/**
 * Finds the state dict in what was saved: the one dict that holds tensors, whatever lies beside it. Of several the one is taken
 * that holds a network's.
 *
 * @param wanted the key of the one to take: 'model_ema', or '.' for the outermost dict
 * @throws WEIGHTS_INVALID if there is none, or several are as good; UNKNOWN_NAME if none is under the key that is wanted
 */
export function findStateDict(saved: unknown, wanted?: string): FoundStateDict {
  if (!(saved instanceof Map)) throw invalidTorch('what was saved is no dict; save model.state_dict()');
  const candidate = chosen(saved, wanted);
  const tensors: [string, TorchTensor][] = [];
  for (const [name, value] of candidate.dict) {
    if (!isTensor(value)) continue;
    if (typeof name !== 'string') throw invalidTorch('its state dict has a name that is no string');
    tensors.push([name, readable(name, value)]);
  }
  const around = outside(saved, candidate);
  return {
    ...(candidate.keys.length === 0 ? {} : { key: candidate.keys.join('.') }),
    tensors,
    leftOut: around.map(([name]) => textOf(name)),
    texts: Object.fromEntries(
      around.filter((entry): entry is [string, string] => entry.every((part) => typeof part === 'string')),
    ),
  };
}

function chosen(saved: Map<unknown, unknown>, wanted: string | undefined): Candidate {
  const all = candidatesIn({ keys: [], dict: saved }, new Set());
  if (wanted !== undefined) {
    const found = all.find((candidate) => nameOf(candidate) === wanted);
    if (!found) throw unknownName('dict of tensors', wanted, namesOf(all));
    return found;
  }
  const ofNetworks = all.filter(({ dict }) =>
    [...dict].some(([name, value]) => isTensor(value) && ofNetwork.test(textOf(name))),
  );
  const [candidate, ...others] = ofNetworks.length > 0 ? ofNetworks : all;
  if (candidate === undefined) return { keys: [], dict: withoutTensors(saved) };
  if (others.length === 0) return candidate;
  throw invalidTorch(
    `it holds several dicts of tensors: ${listed([candidate, ...others].map((each) => `${quote(nameOf(each))} (${countIn(each)})`))}. Choose one by its key: --key, or the option key`,
  );
}

/** The dicts that hold tensors, each once, however often it is in there. */
function candidatesIn(candidate: Candidate, seen: Set<unknown>): Candidate[] {
  const { keys, dict } = candidate;
  if (seen.has(dict)) return [];
  seen.add(dict);
  const own = [...dict.values()].some(isTensor) ? [candidate] : [];
  if (keys.length === maximumDepth) return own;
  const inner = [...dict].flatMap(([key, value]) =>
    typeof key === 'string' && value instanceof Map
      ? candidatesIn({ keys: [...keys, key], dict: value }, seen)
      : [],
  );
  return [...own, ...inner];
}

/** An empty state dict is one; anything else has to have a tensor. */
function withoutTensors(saved: Map<unknown, unknown>): Map<unknown, unknown> {
  if (saved.size === 0) return saved;
  const names = [...saved.keys()].map((name) => quote(textOf(name)));
  throw invalidTorch(`it holds no tensors, only ${listed(names)}; save model.state_dict()`);
}

/** What lies beside the tensors in their dict, and beside the dicts that lead to it. */
function outside(saved: Map<unknown, unknown>, { keys, dict }: Candidate): [unknown, unknown][] {
  const found: [unknown, unknown][] = [];
  let current = saved;
  for (const key of keys) {
    for (const entry of current) if (entry[0] !== key) found.push(entry);
    current = current.get(key) as Map<unknown, unknown>;
  }
  for (const entry of dict) if (!isTensor(entry[1])) found.push(entry);
  return found;
}

function isTensor(value: unknown): value is TorchTensor | TorchPlaceholder {
  return (
    value instanceof TorchTensor || (value instanceof TorchPlaceholder && value.unreadTensor !== undefined)
  );
}

function readable(name: string, value: TorchTensor | TorchPlaceholder): TorchTensor {
  if (value instanceof TorchPlaceholder) {
    throw invalidTorch(`the values of ${quote(name)} can't be read: ${value.unreadTensor}`);
  }
  if (!value.isPlain) {
    throw invalidTorch(`the tensor ${quote(name)} is lazily negated or conjugated; call .resolve_neg()`);
  }
  value.storage.checkReadable();
  return value;
}

/** For a message: a few short ones, as a file may have any. */
function namesOf(candidates: readonly Candidate[]): string[] {
  return candidates
    .slice(0, 100)
    .map(nameOf)
    .filter((name) => name.length <= 100);
}

function nameOf({ keys }: Candidate): string {
  return keys.length === 0 ? OUTERMOST : keys.join('.');
}

function countIn({ dict }: Candidate): string {
  const count = [...dict.values()].filter(isTensor).length;
  return count === 1 ? '1 tensor' : `${count} tensors`;
}

/** A hostile key may be a list of lists that is endless as text. */
function textOf(key: unknown): string {
  return typeof key === 'string' || typeof key === 'number' ? String(key) : 'a key that is no text';
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
