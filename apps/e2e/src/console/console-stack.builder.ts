import { CHECKOUT } from '@tallyward/local';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from '../stack.builder';

const SITE = join(CHECKOUT, 'apps/console/dist/site');

/** A stack whose gateway serves the console as it was built last. */
export interface ConsoleStack {
  readonly stack: Stack;
  readonly url: string;
  readonly operatorKey: string;
  readonly done: Stack['done'];
  close(): Promise<void>;
}

export async function consoleStack(): Promise<ConsoleStack> {
  if (!existsSync(join(SITE, 'index.html'))) {
    throw new Error('The console is not built: run "npm run build" first.');
  }
  const stack = await Stack.start({ env: { TALLYWARD_CONSOLE_DIR: SITE } });
  const [gateway] = stack.gateways;
  if (!gateway) throw new Error('The stack has no gateway.');
  return {
    stack,
    url: gateway.url,
    operatorKey: stack.operatorKey,
    done: stack.done.bind(stack),
    close: () => stack.close(),
  };
}
