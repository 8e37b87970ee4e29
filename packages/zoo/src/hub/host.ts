import type { WeightsCache } from './cache/weights-cache.js';

/** What the hub's client needs of the place where it runs; `host.node.ts` and `host.browser.ts` are it. */
export interface HubHost {
  /** The hub's address and the user's access token, where the environment tells them. */
  environment(): { hub?: string | undefined; token?: string | undefined };
  /** @param folder where files stay, where there are folders */
  openCache(folder?: string): Promise<WeightsCache>;
  /** As 64 lower-case hexadecimal digits. */
  sha256(bytes: Uint8Array): Promise<string>;
}
