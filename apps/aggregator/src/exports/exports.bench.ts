import 'reflect-metadata';
import {
  assertEqual,
  NDJSON,
  residentBytes,
  type Bench,
  type BenchRun,
  type Figure,
} from '@tallyward/testing';
import { exportBed, insertMany, OCTOBER, type Asking } from './exported.builder';

const MILLION = 1_000_000;
const MIB = 1_048_576;
/** What a process's memory differs by from one hour to the next, whatever it does. */
const NO_MORE_MIB = 64;
const NEWLINE = 0x0a;
const FORMATS = { 'JSON lines': NDJSON, CSV: 'text/csv' } as const;

interface Exported {
  readonly rows: number;
  readonly seconds: number;
  readonly peakMiB: number;
}

/** Reads an export to its end, and watches the memory of who sends it. */
async function exported(ask: Asking, pid: number, path: string, accept: string): Promise<Exported> {
  const began = performance.now();
  const answer = await ask('many', path, accept);
  if (!answer.ok || !answer.body) throw new Error(await answer.text());
  let rows = 0;
  let peak = 0;
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    for (const byte of chunk) if (byte === NEWLINE) rows += 1;
    peak = Math.max(peak, residentBytes(pid) ?? 0);
  }
  return { rows, seconds: (performance.now() - began) / 1_000, peakMiB: peak / MIB };
}

async function measure(run: BenchRun, events: number): Promise<readonly Figure[]> {
  const { bed, ask, pid } = await exportBed(await run.bed());
  await insertMany(bed, 'many', events);
  const quarter = `${OCTOBER}&customer=acme`.replace(/to=[^&]+/, `to=${quarterOf(events)}`);
  const figures: Figure[] = [];
  for (const [name, accept] of Object.entries(FORMATS)) {
    const header = accept === NDJSON ? 0 : 1;
    const first = await exported(ask, pid, `/v1/exports/events?${quarter}`, accept);
    const all = await exported(ask, pid, `/v1/exports/events?${OCTOBER}`, accept);
    assertEqual('rows of a quarter', first.rows - header, events / 4);
    assertEqual('rows', all.rows - header, events);
    const more = all.peakMiB - first.peakMiB;
    figures.push({
      what: `export of ${events} events, ${name}`,
      ours: `${Math.round(all.rows / all.seconds)} rows/s`,
      budget: {
        text: `at most ${NO_MORE_MIB} MiB more than a quarter of it`,
        met: more <= NO_MORE_MIB,
      },
      notes: [
        `the aggregator's peak: ${Math.round(first.peakMiB)} MiB, then ${Math.round(all.peakMiB)} MiB`,
      ],
      numbers: { rowsPerSecond: all.rows / all.seconds, moreMiB: more },
    });
  }
  return figures;
}

/** When the first quarter of the events has happened: ten a second. */
const quarterOf = (events: number): string =>
  new Date(Date.parse('2026-10-02T00:00:00Z') + (events / 4 / 10) * 1_000).toISOString();

export const benches: readonly Bench[] = [
  {
    name: 'export',
    about: 'an export of 4 M events: rows a second, and memory against that of a quarter of them',
    run: (run) => measure(run, run.events(4 * MILLION, MILLION / 50)),
  },
];
