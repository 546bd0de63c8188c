import { CHECKOUT } from '@tallyward/local';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from '../stack.builder';

const SITE = join(CHECKOUT, 'apps/console/dist/site');

/** A stack whose gateway serves the console as it was built last. */
export function consoleStack(): Promise<Stack> {
  if (!existsSync(join(SITE, 'index.html'))) {
    throw new Error('The console is not built: run "npm run build" first.');
  }
  return Stack.start({ env: { TALLYWARD_CONSOLE_DIR: SITE } });
}
