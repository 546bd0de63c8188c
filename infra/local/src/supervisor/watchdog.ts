/**
 * A process of its own that outlives the supervisor by a few seconds. The supervisor tells it over
 * its stdin whom to watch; when that pipe ends without a farewell (kill -9, a crash), whatever is
 * still watched is stopped, the youngest first, so that no process is left behind.
 * It leads its own session: a signal to the supervisor's group does not reach it.
 */
import { createInterface } from 'node:readline';
import { isAlive, signal, type Known } from './birth';

export type WatchdogLine =
  | { readonly watch: Known & { readonly stopSignal: 'SIGTERM' | 'SIGINT' } }
  | { readonly forget: number };

const STOP_EACH_WITHIN_MS = 8_000;
const POLL_MS = 50;

type Watched = Known & { readonly stopSignal: 'SIGTERM' | 'SIGINT' };
const watched = new Map<number, Watched>();

async function stop(known: Watched): Promise<void> {
  if (!isAlive(known)) return signalGroup(known, 'SIGKILL');
  signal(known.pid, known.stopSignal, false);
  const deadline = Date.now() + STOP_EACH_WITHIN_MS;
  while (isAlive(known) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  signalGroup(known, 'SIGKILL');
}

/** Workers of a dead leader keep its group alive; a group nobody is left of answers ESRCH. */
function signalGroup(known: Known, name: NodeJS.Signals): void {
  try {
    signal(known.pid, name, true);
  } catch {
    // EPERM: the group number belongs to somebody else by now.
  }
}

async function stopAll(): Promise<void> {
  for (const known of [...watched.values()].reverse()) await stop(known);
  process.exit(0);
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
const lines = createInterface({ input: process.stdin });
lines.on('line', (text) => {
  const line = JSON.parse(text) as WatchdogLine;
  if ('watch' in line) watched.set(line.watch.pid, line.watch);
  else watched.delete(line.forget);
});
lines.on('close', () => void stopAll());
