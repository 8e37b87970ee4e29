import { type LayerReport, layerReports } from '../inside/layer-report.js';
import { currentNetwork } from '../session.js';

/** All layers of the network that is open, in an order in which they can be computed. */
export async function describeLayers(_: Record<never, never>): Promise<LayerReport[]> {
  return layerReports(currentNetwork().model.network);
}
