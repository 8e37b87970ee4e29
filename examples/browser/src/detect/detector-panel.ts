import type { App } from '../app.js';
import { element } from '../dom.js';
import { fileButton } from '../file-button.js';
import { someNames, WEIGHTS_FILES } from '../shell/network-panel.js';
import type { DetectorReport } from '../worker/handlers/load-detector.js';

/** Shows the detector that is open, and opens files of weights. @param onOpen is called when another is open */
export function detectorPanel(app: App, onOpen: () => void) {
  const facts = element('p', { class: 'detector' }, 'No detector is open.');
  const button = fileButton(
    { id: 'detector-file', accept: WEIGHTS_FILES, text: 'Open detector …' },
    (file) => {
      void open(file);
    },
  );
  const builtIn = element(
    'button',
    { type: 'button', onclick: () => void openBuiltIn() },
    'Built-in detector',
  );

  const take = (opening: () => Promise<DetectorReport>) =>
    app.attempt(async () => {
      app.say('Opening the detector …');
      const report = await opening();
      facts.textContent = describe(report);
      app.say(`The detector of ${report.file} is open.`);
      onOpen();
    });
  const openBuiltIn = () => take(() => app.worker.call('loadBuiltInDetector', {}));
  const open = (file: File) =>
    take(async () => {
      const bytes = await file.arrayBuffer();
      return app.worker.call('loadDetector', { name: file.name, bytes }, { transfer: [bytes] });
    });

  return {
    element: element(
      'section',
      { class: 'network', 'aria-label': 'Detector' },
      facts,
      element('div', { class: 'buttons' }, ...button, builtIn),
    ),
    open,
    openBuiltIn,
  };
}

function describe({ file, name, parameters, shorterSide, classNames, notes }: DetectorReport): string {
  const about = `Faster R-CNN on ${name}, from ${file}: ${parameters.toLocaleString('en-GB')} parameters, images of ${shorterSide} pixels on their shorter side.`;
  return [about, `It finds ${someNames(classNames)}.`, ...notes.map((note) => `Note: ${note}.`)].join(' ');
}
