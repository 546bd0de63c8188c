import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** A guest in other products' pages weighs little: gzipped script. */
const WIDGET_KB = 8;

/** `/widget.js`: one script for a tag on any page, beside the console's site. */
export default defineConfig({
  plugins: [light()],
  publicDir: false,
  build: {
    outDir: 'dist/site',
    emptyOutDir: false,
    rolldownOptions: {
      input: 'src/widget/widget.ts',
      output: { format: 'iife', entryFileNames: 'widget.js' },
    },
  },
});

/** Prints the widget's weight, and fails a build that is too heavy. */
function light(): Plugin {
  return {
    name: 'light',
    generateBundle(_options, bundle) {
      const script = bundle['widget.js'];
      if (script?.type !== 'chunk') return this.error('The widget is not one script.');
      const kb = gzipSync(script.code).length / 1_000;
      console.log(`widget: ${kb.toFixed(1)} KB of gzipped script, at most ${WIDGET_KB}`);
      if (kb > WIDGET_KB) this.error(`The widget is heavier than ${WIDGET_KB} KB.`);
    },
  };
}
