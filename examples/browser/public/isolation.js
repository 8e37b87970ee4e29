// Threads take a page that is isolated from other origins, by two headers. On a host that can't send them a service worker
// adds them: this file is the worker, and, in the page, what registers it.
if (typeof window === 'undefined') {
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => {
    const { request } = event;
    if (new URL(request.url).origin !== location.origin) return;
    event.respondWith(fetch(request).then(isolated));
  });
} else if (!crossOriginIsolated && isSecureContext && navigator.serviceWorker) {
  // Once: where it does not help, the page goes on with one thread.
  const mark = 'isolation';
  if (!sessionStorage.getItem(mark)) {
    const { serviceWorker } = navigator;
    const reload = () => {
      sessionStorage.setItem(mark, 'tried');
      location.reload();
    };
    serviceWorker.register(document.currentScript.src).then(
      ({ active }) => {
        // One that is active but had no part in this load was passed over by a forced reload.
        if (active) reload();
        else serviceWorker.addEventListener('controllerchange', reload, { once: true });
      },
      (error) => console.info(`No service worker, so that one thread is used: ${error.message}`),
    );
  }
} else if (crossOriginIsolated) {
  sessionStorage.removeItem('isolation');
}

function isolated(response) {
  // Nothing can be read or changed of such a response.
  if (response.status === 0) return response;
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  return new Response(body, { status, statusText, headers });
}
