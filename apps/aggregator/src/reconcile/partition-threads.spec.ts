import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ThreadTask } from './partition-thread';
import { PartitionThreads } from './partition-threads';

const PARTITIONS = 5;
const task: ThreadTask = {
  scope: { customer: null, from: null, to: null },
  upTo: new Map(Array.from({ length: PARTITIONS }, (_, n) => [n, 10n])),
  snapshots: { totals: '1', proven: '2' },
};

let folder: string;
let programs = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallyward-threads-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Threads that do this with what they are told. */
async function reading(does: string) {
  const program = join(folder, `${(programs += 1)}.js`);
  const hears = `port.on('message', (told) => told === null ? port.close() : (${does})(told))`;
  writeFileSync(program, `const { parentPort: port } = require('node:worker_threads'); ${hears};`);
  const threads = new PartitionThreads(program);
  let entries = 0;
  try {
    const results = await threads.read(task, (more) => (entries += more));
    return { results, entries };
  } finally {
    await threads.close();
  }
}

describe('partitions on threads', () => {
  it('are each read once, answered in their order, and told of as they come', async () => {
    const { results, entries } = await reading(`({ partition }) => setTimeout(() => {
      port.postMessage({ kind: 'entries', entries: 10 });
      port.postMessage({ kind: 'read', result: partition });
    }, 20 - 4 * partition)`);
    expect([results, entries]).toEqual([[0, 1, 2, 3, 4], 10 * PARTITIONS]);
  });

  it('end with what one of them can not read', async () => {
    const failing = reading(`({ partition }) =>
      port.postMessage({ kind: 'failed', error: new Error('no broker for ' + partition) })`);
    await expect(failing).rejects.toThrow('no broker for');
  });

  it('end with a thread that does not load, breaks, or is gone', async () => {
    await expect(reading('() => { throw new Error("broken") }')).rejects.toThrow('broken');
    await expect(reading('() => process.exit(3)')).rejects.toThrow('A thread ended with 3');
    const missing = new PartitionThreads(join(folder, 'nowhere.js'));
    await expect(missing.read(task, () => undefined)).rejects.toThrow('nowhere.js');
    await missing.close();
  });
});
