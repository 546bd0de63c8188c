import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isFree, PORTS_PER_BASE } from '../engines';
import { Supervisor } from '../supervisor';

const MAIN = join(__dirname, '../../dist/start/main.js');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tallyward-start-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('npm start', () => {
  it('says what is missing before anything starts when there is no Java', async () => {
    const end = await start({ PATH: '/nowhere' });
    expect(end).toMatchObject({ code: 1 });
    expect(end.text).toContain('needs Java 17 or newer');
    expect(readdirSync(directory)).toEqual(['logs', 'secrets.json']);
  });

  it('names a taken port, who wants it and what to do', async () => {
    const base = await freeBase();
    const server = createServer().listen(base + 3, '127.0.0.1');
    try {
      const end = await start({ TALLYWARD_PORT_BASE: String(base) });
      expect(end).toMatchObject({ code: 1 });
      expect(end.text).toMatch(new RegExp(`port ${base + 3} \\(for postgres\\).*PORT_BASE`));
    } finally {
      server.close();
    }
  });

  it('is refused while it already runs from this checkout', async () => {
    const first = new Supervisor({ directory, say: () => undefined });
    try {
      const end = await start({});
      expect(end).toMatchObject({ code: 1 });
      expect(end.text).toContain(`already runs from this checkout (process ${process.pid}`);
    } finally {
      await first.stop();
    }
  });

  it('explains itself and refuses what it does not know', async () => {
    expect((await start({}, '--help')).text).toContain('TALLYWARD_PORT_BASE');
    expect(await start({}, '--gateways', '0')).toMatchObject({ code: 1 });
  });
});

async function freeBase(): Promise<number> {
  for (;;) {
    const base = await freePort();
    const ports = Array.from({ length: PORTS_PER_BASE }, (_, i) => base + i);
    const free = await Promise.all(ports.map((port) => isFree('127.0.0.1', port)));
    if (free.every(Boolean)) return base;
  }
}

function start(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env.PATH, TALLYWARD_LOCAL_DIR: directory, ...env },
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('close', (code) => resolve({ code, text }));
  });
}
