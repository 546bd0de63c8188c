import { temporaryFolder } from '@tallyward/testing';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RouteProcess } from './route-process.builder';

const { signal } = new AbortController();
let folder: string;

beforeAll(() => (folder = temporaryFolder()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, text: string): string {
  const path = join(folder, `${name}.js`);
  writeFileSync(path, text);
  return path;
}

/** Whether it is gone: nobody can be sent a signal there. */
const isGone = (pid: number): boolean => {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
};

describe('the process of a bare route', () => {
  it('tells its address once it has its task, and is gone when it was ended', async () => {
    const told = program(
      'told',
      "process.on('message', ({ port }) => process.send(`at ${port}`));",
    );
    const route = await RouteProcess.start(told, { signal, task: { port: 7 } });
    expect(route.url).toBe('at 7');
    await route.end();
    expect(isGone(route.pid as number)).toBe(true);
    await route.end();
  });

  it('that ends before it told its address is not waited for', async () => {
    const dies = program('dies', 'process.exit(3);');
    await expect(RouteProcess.start(dies, { signal })).rejects.toThrow('ended with 3 before');
  });

  it('that tells nothing is waited for no longer than its limit', async () => {
    const silent = program('silent', 'setInterval(() => undefined, 1_000);');
    const late = RouteProcess.start(silent, { signal, withinMs: 200 });
    await expect(late).rejects.toThrow('told no address in 200 ms');
  });

  it('ends with the run that is broken off', async () => {
    const broken = new AbortController();
    const silent = program('broken', 'setInterval(() => undefined, 1_000);');
    const starting = RouteProcess.start(silent, { signal: broken.signal });
    broken.abort();
    await expect(starting).rejects.toThrow('aborted');
  });
});
