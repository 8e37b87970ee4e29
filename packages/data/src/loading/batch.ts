/** The input of a step of training or testing. Its arrays are new: the receiver may keep or change them. */
export interface Batch {
  /** NHWC, 0 to 255: `count * height * width * channels` bytes. */
  images: Uint8Array;
  /** The class of each image: `count` integers. */
  labels: Int32Array;
  count: number;
  height: number;
  width: number;
  channels: number;
  /** The second labels, after mixup or cutmix. */
  mixed?: MixedLabels;
}

/** The second labels of mixed images. An image counts with `share` for its own label, and with the rest for this one. */
export interface MixedLabels {
  labels: Int32Array;
  /** 0 to 1, the same for the whole batch. */
  share: number;
}
