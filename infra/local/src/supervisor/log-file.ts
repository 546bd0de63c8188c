import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** A log takes at most (1 + KEPT) × LIMIT of disk, whatever its process prints. */
export const LOG_LIMIT_BYTES = 8 * 1024 * 1024;
export const LOGS_KEPT = 2;
const TAIL_LINES = 30;
const TAIL_LINE_CHARS = 400;

export interface LogFile {
  write(chunk: Buffer): void;
  /** The last lines, for the message of a failed start. */
  tail(): string;
  close(): void;
}

/**
 * Appends to `path`; full, it becomes `path.1`, and so on. Written in one go, without a queue:
 * a process that prints faster than the disk takes it waits at its pipe, and memory stays flat.
 */
export function logFile(path: string, limitBytes = LOG_LIMIT_BYTES): LogFile {
  let file: number | undefined;
  let size = 0;
  let lines: string[] = [];
  const open = (): number => {
    const opened = openSync(path, 'a', 0o600);
    size = fstatSync(opened).size;
    return opened;
  };
  const rotate = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
    for (let n = LOGS_KEPT - 1; n >= 0; n--) {
      move(n === 0 ? path : `${path}.${n}`, `${path}.${n + 1}`);
    }
  };
  const append = (chunk: Buffer): void => {
    file ??= open();
    if (size > 0 && size + chunk.length > limitBytes) rotate();
    file ??= open();
    size += writeSync(file, chunk.subarray(0, limitBytes));
  };
  return {
    write(chunk) {
      const fresh = chunk.toString('utf8').split('\n').filter(Boolean).slice(-TAIL_LINES);
      lines = [...lines, ...fresh.map((l) => l.slice(0, TAIL_LINE_CHARS))].slice(-TAIL_LINES);
      try {
        append(chunk);
      } catch (error) {
        // A full disk must not take the engines down: the line is lost, the tail tells why.
        lines.push(`(not written to ${path}: ${(error as Error).message})`);
      }
    },
    tail: () => lines.join('\n'),
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
