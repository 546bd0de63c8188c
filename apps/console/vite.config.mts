import react from '@vitejs/plugin-react';
import { gzipSync } from 'node:zlib';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';

/** What the first page may weigh: gzipped script that index.html asks for, and what it imports. */
const FIRST_PAGE_KB = 350;
/** `npm start` moves its ports by this; the gateway is the first of them. */
const gateway = `http://127.0.0.1:${process.env.TALLYWARD_PORT_BASE ?? 8080}`;
const PROXIED = ['/v1', '/healthz', '/readyz', '/openapi.json', '/asyncapi.json'];

export default defineConfig({
  plugins: [react(), firstPage()],
  // The libraries' sources: their builds are CommonJS, which can not be shaken.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  // The gateway puts a new one in its place each time it sends the page.
  html: { cspNonce: 'tallyward-nonce' },
  server: {
    host: '127.0.0.1',
    // The host's name stays the browser's: a session's CSRF check compares it with Origin.
    proxy: Object.fromEntries(PROXIED.map((path) => [path, { target: gateway }])),
  },
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    // A strict CSP lets no data: URL in but images.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: FIRST_PAGE_KB * 4,
    rolldownOptions: {
      // Modules of the libraries do nothing when they are loaded: unused, they are left out.
      treeshake: { moduleSideEffects: (id) => !/\/libs\/(domain|contracts)\/src\//.test(id) },
    },
  },
});

/** Prints the first page's weight, and fails a build that is too heavy. */
function firstPage(): Plugin {
  return {
    name: 'first-page',
    apply: 'build',
    generateBundle(_options, bundle) {
      const asked = new Set<string>();
      const ask = (file: string): void => {
        const chunk = bundle[file];
        if (chunk?.type !== 'chunk' || asked.has(file)) return;
        asked.add(file);
        chunk.imports.forEach(ask);
      };
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk' && chunk.isEntry) ask(chunk.fileName);
      }
      const bytes = [...asked].reduce((sum, file) => {
        const chunk = bundle[file];
        return sum + (chunk?.type === 'chunk' ? gzipSync(chunk.code).length : 0);
      }, 0);
      const kb = bytes / 1_000;
      console.log(`first page: ${kb.toFixed(1)} KB of gzipped script, at most ${FIRST_PAGE_KB}`);
      if (kb > FIRST_PAGE_KB) this.error(`The first page is heavier than ${FIRST_PAGE_KB} KB.`);
    },
  };
}
