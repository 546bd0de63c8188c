import { Presets, SingleBar } from 'cli-progress';

/** Shows how far something is: a bar on a terminal, a line every few seconds elsewhere. */
export interface Progress {
  at(done: number): void;
  end(): void;
}

const LINE_EVERY_MS = 2_000;
const silent: Progress = { at: () => undefined, end: () => undefined };

/** Written to stderr, so that stdout stays what was asked for. `quiet`: nothing at all. */
export function progress(what: string, total: number, quiet = false): Progress {
  if (quiet) return silent;
  return process.stderr.isTTY ? bar(what, total) : lines(what, total);
}

function bar(what: string, total: number): Progress {
  const format = `${what} {bar} {percentage}% | {value}/{total} | {eta_formatted} left`;
  const shown = new SingleBar({ format, clearOnComplete: true, fps: 10 }, Presets.shades_classic);
  shown.start(total, 0);
  return { at: (done) => shown.update(done), end: () => shown.stop() };
}

function lines(what: string, total: number): Progress {
  let next = Date.now() + LINE_EVERY_MS;
  return {
    at(done) {
      if (Date.now() < next) return;
      next = Date.now() + LINE_EVERY_MS;
      process.stderr.write(`${what}: ${done} of ${total}\n`);
    },
    end: () => undefined,
  };
}
