import type { Hold } from '../hold';
import type { HoldPart } from '../lease';
import type { SimulatedGateway } from './gateway';
import type { KnownHold } from './known-hold';

/** A settlement as it is appended. */
export interface Settled {
  readonly hold: string;
  readonly admittedAt: number;
  /** The gateway process that appended it. */
  readonly by: string;
  /** What it counts, by limit. */
  readonly used: ReadonlyMap<string, number>;
  readonly parts: readonly NamedPart[];
}

/** A part of a hold as its settlement names it. */
export interface NamedPart extends HoldPart {
  readonly limit: string;
}

export function namedParts({ parts }: Hold): NamedPart[] {
  return parts.map(({ lease: { granted }, amount }) => {
    return { limit: granted.limit, lease: granted.id, amount };
  });
}

export interface LogEntry extends Settled {
  /** Its append began before the hold's deadline, and landed soon: it counts against I3. */
  readonly isTimely: boolean;
}

/** An append that has no answer yet. */
export interface Flight {
  readonly entry: Settled;
  readonly known: KnownHold;
  readonly gateway: SimulatedGateway;
  readonly beganInTime: boolean;
  /** How long it has been on its way while the log was there, ms. */
  ageMs: number;
  /** The gateway has given up waiting. */
  isUnknown: boolean;
}

/** What began in time and lands within this is in time; the margin of reclaim is a little more. */
const FLIGHT_MS = 1_900;

/** One partition of the usage log, and the fold's place in it. */
export class SimulatedLog {
  readonly entries: LogEntry[] = [];
  flights: Flight[] = [];
  foldedTo = 0;
  isOut = false;
  /** When it last came back, by Postgres' clock. */
  backAt = 0;

  passes(ms: number): void {
    if (this.isOut) return;
    for (const flight of this.flights) flight.ageMs += ms;
  }

  land(flight: Flight): void {
    const entry = { ...flight.entry, isTimely: isInTime(flight) };
    this.entries.push(entry);
    flight.known.entry ??= entry;
    this.drop(flight);
  }

  drop(flight: Flight): void {
    flight.known.flights = flight.known.flights.filter((other) => other !== flight);
    this.flights = this.flights.filter((other) => other !== flight);
  }
}

export function isInTime({ beganInTime, ageMs }: Flight): boolean {
  return beganInTime && ageMs <= FLIGHT_MS;
}
