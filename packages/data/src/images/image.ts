/** One image in memory. */
export interface Image {
  /** Rows from the top, pixels from the left, channels together (HWC); 0 to 255. */
  pixels: Uint8Array;
  height: number;
  width: number;
  channels: number;
}
