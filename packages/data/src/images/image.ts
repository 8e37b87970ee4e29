/** One image in memory. */
export interface Image {
  /** 0 to 255, HWC: rows from the top, pixels from the left, the channels of a pixel together. */
  pixels: Uint8Array;
  height: number;
  width: number;
  channels: number;
}
