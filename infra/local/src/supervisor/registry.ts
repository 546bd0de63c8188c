import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { birthOf, isAlive, signal, type Known } from './birth';
import { writeAtomically } from './write-atomically';

/**
 * Who runs in a directory: `processes.json` {name: pid} for people and tests, and
 * `supervisor.json` with the births of those pids, which makes the next start able to refuse a
 * second supervisor and to end what an earlier one left behind. One writer: the supervisor.
 */
interface Ledger {
  readonly supervisor: Known;
  readonly children: readonly Known[];
}

export class AlreadyRunning extends Error {
  constructor(directory: string, pid: number) {
    super(
      `Tallyward already runs from this checkout (process ${pid}, its files in ${directory}). ` +
        `Stop it first: Ctrl-C where it was started, or "kill ${pid}".`,
    );
  }
}

export class Registry {
  private readonly ledgerPath: string;
  private readonly processesPath: string;
  private readonly children = new Map<string, Known>();

  private constructor(directory: string) {
    this.ledgerPath = join(directory, 'supervisor.json');
    this.processesPath = join(directory, 'processes.json');
  }

  /** Takes the directory for this process, or throws `AlreadyRunning`. Ends left-overs. */
  static take(directory: string, say: (line: string) => void): Registry {
    mkdirSync(directory, { recursive: true });
    const registry = new Registry(directory);
    const before = registry.read();
    if (before && before.supervisor.pid !== process.pid && isAlive(before.supervisor)) {
      throw new AlreadyRunning(directory, before.supervisor.pid);
    }
    for (const left of [...(before?.children ?? [])].reverse().filter(isAlive)) {
      say(`${left.name} (process ${left.pid}) was left behind by an earlier start: ending it`);
      signal(left.pid, 'SIGKILL', true);
    }
    registry.write();
    return registry;
  }

  set(name: string, pid: number | undefined): void {
    const birth = pid === undefined ? undefined : birthOf(pid);
    if (pid === undefined || birth === undefined) this.children.delete(name);
    else this.children.set(name, { name, pid, birth });
    this.write();
  }

  release(): void {
    rmSync(this.processesPath, { force: true });
    rmSync(this.ledgerPath, { force: true });
  }

  private write(): void {
    const children = [...this.children.values()];
    const own = { name: 'supervisor', pid: process.pid, birth: birthOf(process.pid) ?? '' };
    writeAtomically(this.ledgerPath, JSON.stringify({ supervisor: own, children }));
    const pids = Object.fromEntries(children.map(({ name, pid }) => [name, pid]));
    writeAtomically(this.processesPath, `${JSON.stringify(pids, null, 1)}\n`);
  }

  private read(): Ledger | undefined {
    try {
      return JSON.parse(readFileSync(this.ledgerPath, 'utf8')) as Ledger;
    } catch {
      return undefined; // the first start here, or a file cut short by a full disk
    }
  }
}
