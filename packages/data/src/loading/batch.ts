/** What a step of training or testing takes. Its arrays are fresh: the receiver may keep or change them. */
export interface Batch {
  /** NHWC, 0 to 255: `count * height * width * channels` bytes. */
  images: Uint8Array;
  /** The class of each image: `count` integers. */
  labels: Int32Array;
  count: number;
  height: number;
  width: number;
  channels: number;
  /** After mixup or cutmix. */
  mixed?: MixedLabels;
}

/** Of images that were mixed with others: each is of its label's class for `share`, and of this one for the rest. */
export interface MixedLabels {
  labels: Int32Array;
  /** 0 to 1, the same for the whole batch. */
  share: number;
}
