/**
 * Preloaded into a service by the memory bench: on SIGUSR2 the process collects its garbage and
 * writes down what it still holds. Without that, what is resident is mostly what was not collected
 * yet, and a leak hides in it.
 */
import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const file = process.env['TALLYWARD_MEMORY_FILE'];
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

if (file !== undefined) {
  process.on('SIGUSR2', () => {
    // What the first frees may be what kept the rest.
    collect();
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    appendFileSync(file, `${JSON.stringify({ heap: heapUsed, resident: rss })}\n`);
  });
}
