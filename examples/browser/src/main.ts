import { type App, isAborted, isLost, messageOf, type View } from './app.js';
import { element } from './dom.js';
import { backendSwitch } from './shell/backend-switch.js';
import { networkPanel, WEIGHTS_FILE } from './shell/network-panel.js';
import { notices } from './shell/notices.js';
import { tabs } from './shell/tabs.js';
import { ClassifyView } from './views/classify.js';
import { DetectView } from './views/detect.js';
import { LookInsideView } from './views/look-inside.js';
import { TrainView } from './views/train.js';
import { WorkerClient } from './worker/client.js';

const { element: noticeLines, say, warn, clear } = notices();
const listeners: (() => void)[] = [];

const app: App = {
  worker: new WorkerClient(),
  backend: 'wasm',
  network: undefined,
  picture: undefined,
  onNetwork: (listener) => void listeners.push(listener),
  setNetwork: (network) => {
    app.network = network;
    for (const listener of listeners) listener();
  },
  say,
  attempt: async (work) => {
    clear();
    try {
      await work();
      return true;
    } catch (error) {
      if (isAborted(error)) return false;
      say('That did not work.');
      if (isLost(error)) await goOnWithout();
      warn(messageOf(error));
      return false;
    }
  },
};

/** Has the processor compute, as the GPU is lost. */
async function goOnWithout(): Promise<void> {
  try {
    await backend.fallBack();
    if (app.network) app.setNetwork(app.network);
    say('The GPU was lost. WebAssembly computes instead.');
  } catch (error) {
    warn(messageOf(error));
  }
}

const training = new TrainView(app);
const views: View[] = [new ClassifyView(app), new DetectView(app), new LookInsideView(app), training];
let view = views[0]!;
const tabList = tabs(views, (from, to) => {
  from.hidden();
  view = to;
  to.shown?.();
});
const backend = backendSwitch(app);
const network = networkPanel(app);

document.body.append(
  element(
    'header',
    {},
    element('h1', {}, 'ResNet in the browser'),
    element('p', {}, 'Nothing leaves this page: the network runs here.'),
    backend.element,
  ),
  network.element,
  noticeLines,
  training.offer,
  tabList,
  element('main', {}, ...views.map(({ panel }) => panel)),
);

function take(files: FileList | undefined): boolean {
  const [file] = files ?? [];
  if (!file) return false;
  if (!WEIGHTS_FILE.test(file.name)) view.takePicture(file);
  else if (view.takeWeights) view.takeWeights(file);
  else void network.open(file);
  return true;
}

document.addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('dragging');
});
document.addEventListener('dragleave', () => document.body.classList.remove('dragging'));
document.addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dragging');
  take(event.dataTransfer?.files);
});
document.addEventListener('paste', (event) => {
  if (take(event.clipboardData?.files)) event.preventDefault();
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) view.hidden();
});

void app.attempt(async () => {
  await backend.start();
  await network.openBuiltIn();
});

declare global {
  interface Window {
    /** For tests: the worker as the page asks it. */
    app: App;
  }
}
window.app = app;
