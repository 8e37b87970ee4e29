/** A map of stride 4 of an image of 800 × 1088 pixels, as FPN's P2, and its regions: those with sides from 16 to 112. */
export const mapShape: [number, number, number, number] = [1, 200, 272, 256];
export const coarseShape: [number, number, number, number] = [1, 100, 136, 256];
export const grid = { size: [7, 7] as const, scale: 1 / 4 };
export const sampling = { samplingRatio: 2, aligned: false };
export const REGIONS = 1000;
const [SMALLEST, LARGEST] = [16, 112];

/** The same regions as scripts/pytorch/measure_regions.py makes. */
export function regions(): Float32Array {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const side = () => SMALLEST * (LARGEST / SMALLEST) ** uniform();
  const [height, width] = [mapShape[1] / grid.scale, mapShape[2] / grid.scale];
  const result = Array.from({ length: REGIONS }, () => {
    const [across, down] = [side(), side()];
    const [left, top] = [uniform() * (width - across), uniform() * (height - down)];
    return [0, left, top, left + across, top + down];
  });
  return Float32Array.from(result.flat());
}
