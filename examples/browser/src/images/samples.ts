/** Drawings that come with the page, by the name of their class. */
export const SAMPLES = ['airplane', 'automobile', 'ship', 'truck', 'horse', 'frog'] as const;

export type Sample = (typeof SAMPLES)[number];

export function sampleUrl(name: Sample): string {
  return `${import.meta.env.BASE_URL}samples/${name}.svg`;
}

/** Fetches a drawing. */
export async function readSample(name: Sample): Promise<File> {
  const response = await fetch(sampleUrl(name));
  if (!response.ok)
    throw new Error(`The sample could not be loaded: ${response.status} ${response.statusText}`);
  return new File([await response.blob()], `${name}.svg`, { type: 'image/svg+xml' });
}
