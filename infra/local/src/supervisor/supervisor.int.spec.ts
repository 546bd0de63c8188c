import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../wait/until';
import { birthOf } from './birth';
import { logFile, LOGS_KEPT } from './log-file';
import type { Program } from './program';
import { AlreadyRunning } from './registry';
import { Supervisor } from './supervisor';

let directory: string;
let said: string[];
const running: Supervisor[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tallyward-supervisor-'));
  said = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((s) => s.stop()));
  rmSync(directory, { recursive: true, force: true });
});

function supervisor(): Supervisor {
  const made = new Supervisor({ directory, say: (line) => said.push(line) });
  running.push(made);
  return made;
}

const node = (name: string, script: string, more: Partial<Program> = {}): Program => ({
  name,
  command: process.execPath,
  args: ['-e', script],
  env: {},
  ready: () => Promise.resolve(true),
  ...more,
});
const STAYS = 'setInterval(() => {}, 1000);';
const deaf = (sign: string): string =>
  `process.on("SIGTERM", () => {}); require("fs").writeFileSync("${sign}", ""); ${STAYS}`;
/** Writes, when it is told to stop, whether `two` is still there. */
const tellsOfTwo = (seen: string): string =>
  `process.on("SIGTERM", () => {
    const names = Object.keys(JSON.parse(fs.readFileSync("${join(directory, 'processes.json')}")));
    fs.writeFileSync("${seen}", names.includes("two") ? "both" : "only one");
    process.exit();
  }); fs.writeFileSync("${seen}", ""); ${STAYS}`;

const processes = (): Record<string, number> =>
  JSON.parse(readFileSync(join(directory, 'processes.json'), 'utf8'));
const lives = (pid: number | undefined): boolean => pid !== undefined && birthOf(pid) !== undefined;

describe('the supervisor', () => {
  it('starts again what dies, at once, and says so', async () => {
    const its = supervisor();
    const one = await its.start(node('one', STAYS));
    const before = processes().one;
    one.kill();
    await until(() => processes().one !== before && lives(processes().one), {
      what: 'another process in processes.json',
      withinMs: 5_000,
    });
    await until(() => said.some((l) => l.startsWith('one is back after')), { what: 'the word' });
    expect(said[0]).toBe('one was ended by SIGKILL; starting it again now');
  });

  it('waits longer each time for what keeps dying', async () => {
    const its = supervisor();
    const dies = join(directory, 'dies');
    const script = `if (require("fs").existsSync(${JSON.stringify(dies)})) process.exit(3); ${STAYS}`;
    const one = await its.start(node('one', script));
    writeFileSync(dies, '');
    one.kill();
    await until(() => said.some((l) => l.includes('in 1 s, it keeps dying')), { what: 'a wait' });
    expect(said.filter((l) => l.endsWith('starting it again now'))).toHaveLength(2);
    expect(said).toContain('one ended with code 3; starting it again in 0.25 s, it keeps dying');
  });

  it('tells why a program did not start, in its own last words', async () => {
    const fails = node('one', 'console.error("no disk left"); process.exit(1)', {
      ready: () => Promise.resolve(false),
    });
    await expect(supervisor().start(fails)).rejects.toThrow(
      /one ended while starting.*\nno disk left/s,
    );
    const hangs = node('two', STAYS, { ready: () => Promise.resolve(false), readyWithinMs: 300 });
    await expect(supervisorIn('two').start(hangs)).rejects.toThrow('was not ready within 0.3 s');
  });

  it('stops the last started first, and by force what ignores it', async () => {
    const its = supervisor();
    const sign = join(directory, 'logs', 'deaf');
    const seen = join(directory, 'logs', 'seen');
    const there = (path: string) => ({ ready: () => Promise.resolve(existsSync(path)) });
    const one = await its.start(node('one', tellsOfTwo(seen), there(seen)));
    const two = await its.start(node('two', deaf(sign), { stopWithinMs: 200, ...there(sign) }));
    const pids = [one.pid, two.pid];
    await its.stop();
    expect(pids.map(lives)).toEqual([false, false]);
    expect(readFileSync(seen, 'utf8')).toBe('only one');
    expect(said).toContain('two did not stop within 0.2 s: ending it');
    expect(readdirSync(directory)).toEqual(['logs']);
  });

  it('refuses a second supervisor in its directory', async () => {
    const other = await supervisorProcess(directory);
    try {
      expect(() => supervisor()).toThrow(AlreadyRunning);
      expect(() => supervisor()).toThrow(`process ${other.child.pid}`);
    } finally {
      other.child.kill('SIGKILL');
    }
  });

  it('leaves no process behind when it is killed with kill -9', async () => {
    const other = await supervisorProcess(directory);
    const pids = Object.values(processes());
    expect(pids.map(lives)).toEqual([true, true]);
    other.child.kill('SIGKILL');
    await until(() => !pids.some(lives), { what: 'the programs to end', withinMs: 10_000 });
  });

  it('ends what an earlier supervisor and its watchdog left behind', async () => {
    const other = await supervisorProcess(directory);
    const pids = Object.values(processes());
    for (const pid of watchdogsOf(other.child.pid ?? 0)) process.kill(pid, 'SIGKILL');
    other.child.kill('SIGKILL');
    await until(() => !lives(other.child.pid), { what: 'the supervisor to end' });
    expect(pids.some(lives)).toBe(true);
    supervisor();
    await until(() => !pids.some(lives), { what: 'the left-overs to end' });
    expect(said.join()).toMatch(/stays \(process \d+\) was left behind by an earlier start/);
  });
});

describe('a log file', () => {
  it('keeps to its bound whatever is written, and holds the newest lines', () => {
    const path = join(directory, 'one.log');
    const log = logFile(path, 10_000);
    for (let n = 0; n < 5_000; n++) log.write(Buffer.from(`line ${n} ${'x'.repeat(40)}\n`));
    log.close();
    const files = readdirSync(directory);
    const bytes = files.reduce((sum, file) => sum + statSync(join(directory, file)).size, 0);
    expect(files).toHaveLength(1 + LOGS_KEPT);
    expect(bytes).toBeLessThanOrEqual(30_000);
    expect(readFileSync(path, 'utf8')).toContain('line 4999');
    expect(log.tail()).toContain('line 4999');
  });
});

function supervisorIn(folder: string): Supervisor {
  const made = new Supervisor({ directory: join(directory, folder), say: () => undefined });
  running.push(made);
  return made;
}

/** A supervisor in a process of its own that runs two programs, one of them deaf to SIGTERM. */
async function supervisorProcess(folder: string): Promise<{ child: ChildProcess }> {
  const dist = join(__dirname, '../../dist/supervisor');
  const script = `
    const { Supervisor } = require(${JSON.stringify(dist)});
    const s = new Supervisor({ directory: ${JSON.stringify(folder)}, say: () => {} });
    const p = (name, script) => ({ name, command: process.execPath, args: ['-e', script], env: {},
      ready: () => Promise.resolve(true), stopWithinMs: 500 });
    s.start(p('stays', ${JSON.stringify(STAYS)}))
      .then(() => s.start(p('deaf', ${JSON.stringify(deaf(join(folder, 'logs', 'deaf')))})))
      .then(() => console.log('up'));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return { child };
}

function watchdogsOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent && commandOf(pid).includes('watchdog.js'));
}

const parentOf = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
};
const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};
