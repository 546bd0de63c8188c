import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../supervisor';

/**
 * What the demo sent, kept beside the data. Written when the replay begins: cut short, it goes on
 * at the next start as the same run, in whatever hour that is, and counts nothing twice.
 */
export interface DemoMarker {
  /** Instant the trace was fitted to, epoch milliseconds. */
  readonly end: number;
  readonly state: 'begun' | 'sent';
  readonly run?: string;
  readonly rows?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly firstTime?: string;
  readonly lastTime?: string;
}

const pathOf = (directory: string): string => join(directory, 'demo.json');

export function readDemo(directory: string): DemoMarker | undefined {
  const path = pathOf(directory);
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as DemoMarker;
}

export function writeDemo(directory: string, marker: DemoMarker): void {
  writeAtomically(pathOf(directory), `${JSON.stringify(marker, null, 1)}\n`);
}
