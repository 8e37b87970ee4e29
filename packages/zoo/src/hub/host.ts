import type { WeightsCache } from './cache/weights-cache.js';

/** What the hub's client needs of its platform; implemented in `host.node.ts` and `host.browser.ts`. */
export interface HubHost {
  /** The hub's address and the user's access token, if the environment has them. */
  environment(): { hub?: string | undefined; token?: string | undefined };
  /** @param folder where files are kept, in Node */
  openCache(folder?: string): Promise<WeightsCache>;
  /** As 64 lower-case hexadecimal digits. */
  sha256(bytes: Uint8Array): Promise<string>;
}
