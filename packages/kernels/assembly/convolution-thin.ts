// Convolution of images with few channels, as a network's stem has: a band of rows is copied with its padding, after
// which a row of the filter reads one contiguous run of filterWidth · inChannels floats, and counts as one tap.
import { ConvolutionTask, convolvePixels } from './convolution';

@unmanaged
export class ThinConvolutionTask extends ConvolutionTask {
  /** The images without padding. The task's height and width include it. */
  images: usize;
  imageHeight: i32;
  imageWidth: i32;
  padTop: i32;
  padLeft: i32;
  filterHeight: i32;
  /** Rows of output in a chunk, and chunks for each image. */
  rowsPerBand: i32;
  bandsPerImage: i32;
  /** The bytes of a thread's tables; the band follows them in scratch. */
  bandOffset: i32;
}

export function thinConvolution(task: ThinConvolutionTask, chunk: i32, scratch: usize): void {
  const image = chunk / task.bandsPerImage;
  const firstRow = (chunk - image * task.bandsPerImage) * task.rowsPerBand;
  const lastRow = min(firstRow + task.rowsPerBand, task.gridHeight);
  const top = firstRow * task.stepHeight;
  const bottom = (lastRow - 1) * task.stepHeight + task.filterHeight;
  const band = scratch + task.bandOffset;
  copyBand(
    task.images,
    image,
    task.imageHeight,
    task.imageWidth,
    task.inChannels,
    task.padTop,
    task.padLeft,
    task.width,
    top,
    bottom,
    band,
  );
  // The address of x if all padded images were in memory one after the other, with the band at its position.
  const rowBytes = (<usize>(task.width * task.inChannels)) << 2;
  const x = band - <usize>(image * task.height + top) * rowBytes;
  const pixels = task.gridWidth;
  const first = (image * task.gridHeight + firstRow) * pixels;
  const last = (image * task.gridHeight + lastRow) * pixels;
  convolvePixels(task, x, task.height, chunk, first, last, 0, task.channels, scratch);
}

/** Copies rows [top, bottom) of a padded image of `paddedWidth`; zeros where there is padding. */
export function copyBand(
  images: usize,
  image: i32,
  height: i32,
  width: i32,
  channels: i32,
  padTop: i32,
  padLeft: i32,
  paddedWidth: i32,
  top: i32,
  bottom: i32,
  band: usize,
): void {
  const pixel = (<usize>channels) << 2;
  for (let row = top - padTop; row < bottom - padTop; row++) {
    memory.fill(band, 0, <usize>paddedWidth * pixel);
    if (<u32>row < <u32>height) {
      const from = images + <usize>((image * height + row) * width) * pixel;
      memory.copy(band + <usize>padLeft * pixel, from, <usize>width * pixel);
    }
    band += <usize>paddedWidth * pixel;
  }
}
