import type { Image } from '@resnet/data';
import { drawImage } from '../images/draw-image.js';
import type { FoundObject } from '../worker/handlers/detect.js';

/** The longer side of a drawing, in pixels: small pictures are enlarged, so that the names can be read. */
const LEAST_SIDE = 512;
const MOST_SIDE = 1280;
/** Degrees between the colors of classes, so that any number of them differ. */
const GOLDEN_ANGLE = 137.508;

/** Draws a picture with boxes and the names of their classes; the surest lie on top. */
export function drawObjects(canvas: HTMLCanvasElement, image: Image, objects: readonly FoundObject[]): void {
  const longer = Math.max(image.width, image.height);
  const scale = Math.max(LEAST_SIDE / longer, Math.min(1, MOST_SIDE / longer));
  const picture = document.createElement('canvas');
  drawImage(picture, image);
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const context = canvas.getContext('2d')!;
  context.imageSmoothingEnabled = scale < 1;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const font = Math.round(Math.max(canvas.width, canvas.height) / 36);
  context.font = `bold ${font}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  context.lineWidth = font / 6;
  for (const { label, name, probability, box } of [...objects].reverse()) {
    const [x1, y1, x2, y2] = box.map((side) => side * scale) as [number, number, number, number];
    context.strokeStyle = `hsl(${(label * GOLDEN_ANGLE) % 360}, 85%, 35%)`;
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    const text = ` ${name} ${probability.toFixed(2)} `;
    const width = context.measureText(text).width;
    const left = Math.max(0, Math.min(x1, canvas.width - width));
    const top = Math.max(0, Math.min(y1 - 1.3 * font, canvas.height - 1.3 * font));
    context.fillStyle = context.strokeStyle;
    context.fillRect(left, top, width, 1.3 * font);
    context.fillStyle = '#fff';
    context.fillText(text, left, top + 0.15 * font);
  }
}
