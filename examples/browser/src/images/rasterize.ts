/** Of a side, in pixels. */
const SIDE = 256;

/** Draws an SVG file as a PNG, which the worker can decode. Scripts in it don't run, and it loads no other file. */
export async function rasterize(file: File): Promise<File> {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode().catch(() => {
      throw new Error(`'${file.name}' must be an SVG image, but it can’t be drawn.`);
    });
    const { naturalWidth: width, naturalHeight: height } = image;
    const scale = SIDE / Math.min(width || SIDE, height || SIDE);
    const canvas = document.createElement('canvas');
    canvas.width = Math.min(8 * SIDE, Math.round((width || SIDE) * scale));
    canvas.height = Math.min(8 * SIDE, Math.round((height || SIDE) * scale));
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await pngOf(canvas, file.name);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** What a canvas shows, as a file. */
export function pngOf(canvas: HTMLCanvasElement, name: string): Promise<File> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(new File([blob], name, { type: blob.type }));
      else reject(new Error(`'${name}' could not be read from the canvas.`));
    }, 'image/png');
  });
}
