export { alignTaps, type Taps } from './regions/align-taps.js';
export { nearestPixels } from './regions/nearest-pixels.js';
export { poolBins } from './regions/pool-bins.js';
export {
  orderOfRegions,
  problemOfRegions,
  problemOfSampling,
  REGION_VALUES,
  type RegionGrid,
} from './regions/region-grid.js';
