import { defineConfig } from 'vite';
import { digitsFile } from './build/digits-file.js';

/** They isolate the page from other origins, which is what threads that share memory take. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // Relative, so that the built page can be served from any path.
  base: './',
  // What is not there is not answered with the page.
  appType: 'mpa',
  plugins: [digitsFile()],
  build: { target: 'es2022', modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1500 },
  worker: {
    format: 'es',
    rolldownOptions: {
      output: {
        // tfjs wants its files in one folder, under the names that it knows.
        assetFileNames: ({ names }) =>
          names[0]?.startsWith('tfjs-backend-wasm')
            ? 'assets/tfjs-wasm/[name][extname]'
            : 'assets/[name]-[hash][extname]',
      },
    },
  },
  // Else the worker's are found one after another, and the page is reloaded for each.
  optimizeDeps: { entries: ['index.html', 'src/worker/main.ts'] },
  server: { headers },
  preview: { headers },
});
