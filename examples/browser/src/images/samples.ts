/** A picture that comes with the page. */
export interface Sample {
  /** What it shows. */
  name: string;
  /** Its file, in `public`. */
  path: string;
  type: 'image/svg+xml' | 'image/png';
}

/** Drawings by the name of their class. The first is looked at where nothing was chosen. */
export const DRAWINGS: readonly Sample[] = ['ship', 'airplane', 'automobile', 'truck', 'horse', 'frog'].map(
  (name) => ({ name, path: `samples/${name}.svg`, type: 'image/svg+xml' }),
);

/** Handwritten digits on canvases: `digitScenes` of `@resnet/data/node` made them, of digits that the detector has not seen. */
export const SCENES: readonly Sample[] = [1, 2, 3, 4].map((number) => ({
  name: `digits ${number}`,
  path: `scenes/digits-${number}.png`,
  type: 'image/png',
}));

export function sampleUrl({ path }: Sample): string {
  return `${import.meta.env.BASE_URL}${path}`;
}

/** Fetches a sample. */
export async function readSample(sample: Sample): Promise<File> {
  const response = await fetch(sampleUrl(sample));
  if (!response.ok)
    throw new Error(`The sample could not be loaded: ${response.status} ${response.statusText}`);
  const [, file] = sample.path.split('/');
  return new File([await response.blob()], file!, { type: sample.type });
}
