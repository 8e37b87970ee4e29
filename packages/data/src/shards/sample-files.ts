import { IMAGE_EXTENSIONS } from '../folders/image-files.js';

/** The name of a file in a shard, split as WebDataset does: at the first dot of its last part. */
export interface SampleFile {
  /** What the files of a sample share: 'images/0001' of 'images/0001.input.jpg'. */
  key: string;
  /** The rest, in lower case: 'input.jpg'. */
  field: string;
  /** The name up to the last dot: 'images/0001.input'. */
  stem: string;
  kind: 'image' | 'label' | 'other';
}

export function sampleFile(path: string): SampleFile {
  const start = path.lastIndexOf('/') + 1;
  const first = path.indexOf('.', start);
  if (first < 0) return { key: path, field: '', stem: path, kind: 'other' };
  const last = path.lastIndexOf('.');
  const ending = path.slice(last).toLowerCase();
  return {
    key: path.slice(0, first),
    field: path.slice(first + 1).toLowerCase(),
    stem: path.slice(0, last),
    kind: ending === '.cls' ? 'label' : IMAGE_EXTENSIONS.includes(ending) ? 'image' : 'other',
  };
}

interface Field<Value> {
  field: string;
  stem: string;
  value: Value;
}

/** Collects the image and the class of a sample from its files. */
export class SampleFiles {
  readonly #images: Field<Uint8Array>[] = [];
  readonly #labels: Field<number>[] = [];
  readonly #others: string[] = [];
  /** The bytes of its images. */
  bytes = 0;

  constructor(readonly key: string) {}

  /** The number of its images and classes. */
  get count(): number {
    return this.#images.length + this.#labels.length;
  }

  addImage({ field, stem }: SampleFile, value: Uint8Array): void {
    this.bytes += value.length;
    this.#images.push({ field, stem, value });
  }

  addLabel({ field, stem }: SampleFile, value: number): void {
    this.#labels.push({ field, stem, value });
  }

  addOther({ field }: SampleFile): void {
    if (this.#others.length < 5) this.#others.push(field);
  }

  /**
   * Whether a file begins another sample: usually it has another key. Where names have more dots, 'img.1.jpg' and 'img.1.cls' make
   * a whole sample before 'img.2.jpg' comes.
   */
  isBefore(file: SampleFile): boolean {
    if (file.key !== this.key) return true;
    const [image, label] = [this.#images[0], this.#labels[0]];
    const isOne = this.#images.length === 1 && this.#labels.length === 1 && image!.stem === label!.stem;
    return isOne && image!.stem !== this.key && file.stem !== image!.stem && file.kind !== 'other';
  }

  /**
   * @returns undefined if it has neither an image nor a class
   * @throws Error naming what is missing or found twice
   */
  whole(): { key: string; encoded: Uint8Array; label: number } | undefined {
    if (this.#images.length === 0 && this.#labels.length === 0) return undefined;
    const image = this.#only(this.#images, 'image');
    const label = this.#only(this.#labels, 'class');
    const key = image.stem === label.stem ? image.stem : this.key;
    return { key, encoded: image.value, label: label.value };
  }

  /** The file of a kind whose name has a single dot, else the only file of this kind. */
  #only<Value>(fields: readonly Field<Value>[], kind: string): Field<Value> {
    const plain = fields.filter(({ field }) => !field.includes('.'));
    const [found, more] = plain.length > 0 ? plain : fields;
    const names = (list: readonly string[]) => list.map((field) => `.${field}`).join(', ');
    if (!found) {
      const others = [...this.#images, ...this.#labels].map(({ field }) => field).concat(this.#others);
      throw new Error(`no ${kind} for ${this.key}, which has ${names(others)}`);
    }
    if (!more) return found;
    throw new Error(`two files that may be the ${kind} of ${this.key}: ${names([found.field, more.field])}`);
  }
}
