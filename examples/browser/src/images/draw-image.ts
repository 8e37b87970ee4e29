import type { Image } from '@resnet/data';

/** Shows an image on a canvas, whose size becomes that of the image. */
export function drawImage(canvas: HTMLCanvasElement, { pixels, height, width, channels }: Image): void {
  canvas.width = width;
  canvas.height = height;
  const data = new ImageData(width, height);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      data.data[pixel * 4 + channel] = pixels[pixel * channels + (channels === 1 ? 0 : channel)]!;
    }
    data.data[pixel * 4 + 3] = 255;
  }
  canvas.getContext('2d')!.putImageData(data, 0, 0);
}
