import type { App } from '../app.js';
import { element } from '../dom.js';
import { pngOf } from './rasterize.js';

const REFUSALS: Record<string, string> = {
  NotAllowedError:
    'The camera was refused. Allow it in the browser’s settings of this page, or choose a file.',
  NotFoundError: 'There is no camera. Choose a file instead.',
  NotReadableError: 'The camera is in use by another program. Close that, or choose a file.',
};

/** A camera that is on only while it is visible. A button takes a picture. */
export function camera(app: App, onPicture: (file: File) => void) {
  const video = element('video', { autoplay: true, muted: true, playsinline: true, 'aria-label': 'Camera' });
  const take = element(
    'button',
    { type: 'button', onclick: () => void app.attempt(takePicture) },
    'Take picture',
  );
  const end = element('button', { type: 'button', onclick: () => stop() }, 'Stop camera');
  const box = element(
    'div',
    { class: 'camera', hidden: true },
    video,
    element('div', { class: 'buttons' }, take, end),
  );
  const button = element('button', { type: 'button', onclick: () => void app.attempt(start) }, 'Camera');
  let stream: MediaStream | undefined;

  async function start(): Promise<void> {
    if (stream) return;
    if (!navigator.mediaDevices) throw new Error('The browser gives a camera to pages by https only.');
    button.disabled = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch (error) {
      const { name, message } = error as DOMException;
      throw new Error(REFUSALS[name] ?? `The camera could not start: ${message}`);
    } finally {
      button.disabled = false;
    }
    video.srcObject = stream;
    box.hidden = false;
    take.focus();
  }

  async function takePicture(): Promise<void> {
    if (video.videoWidth === 0) throw new Error('The camera has given no picture yet. Try again.');
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d')!.drawImage(video, 0, 0);
    onPicture(await pngOf(canvas, 'camera.png'));
  }

  function stop(): void {
    if (!stream) return;
    for (const track of stream.getTracks()) track.stop();
    stream = undefined;
    video.srcObject = null;
    const hadFocus = box.contains(document.activeElement);
    box.hidden = true;
    if (hadFocus) button.focus();
  }

  return { button, box, stop };
}
