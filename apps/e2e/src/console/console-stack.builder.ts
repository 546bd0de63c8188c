import { CHECKOUT } from '@tallyward/local';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from '../stack.builder';

const SITE = join(CHECKOUT, 'apps/console/dist/site');

/** What makes a gateway serve the console as it was built last. */
export function consoleEnvironment(): Readonly<Record<string, string>> {
  if (!existsSync(join(SITE, 'index.html'))) {
    throw new Error('The console is not built: run "npm run build" first.');
  }
  return { TALLYWARD_CONSOLE_DIR: SITE };
}

/** A stack whose gateway does so. */
export const consoleStack = (): Promise<Stack> => Stack.start({ env: consoleEnvironment() });
