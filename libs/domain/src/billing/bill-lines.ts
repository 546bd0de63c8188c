import { joinFields } from '../identity';
import type { Unit } from '../units';

/** What a line of a period is about. */
export interface LineSubject {
  readonly tier: { readonly name: string; readonly version: number };
  readonly modelGroup: string;
  readonly model: string;
  readonly unit: Unit;
}

/** What a line says. `overage` is a part of `quantity`; the rest is included. */
export interface BillLine extends LineSubject {
  readonly quantity: number;
  readonly overage: number;
  readonly events: number;
  readonly proof: bigint;
}

/** A line that is told anew, and by how much it differs from when it was told last. */
export interface LineChange extends BillLine {
  readonly delta: number;
  readonly overageDelta: number;
}

export function lineText({ tier, modelGroup, model, unit }: LineSubject): string {
  return joinFields([tier.name, tier.version, modelGroup, model, unit]);
}

/**
 * What a revision of a closed period has to tell: the lines that are new or differ, and those that
 * have nothing left. A line whose figures are the same is not told again, though its events may be
 * others. In the order of their text, so that equal states give equal revisions.
 */
export function changedLines(told: readonly BillLine[], now: readonly BillLine[]): LineChange[] {
  const before = new Map(told.map((line) => [lineText(line), line]));
  const present = new Map(now.map((line) => [lineText(line), line]));
  const gone = told
    .filter((line) => !present.has(lineText(line)))
    .map((line) => ({ ...line, quantity: 0, overage: 0, events: 0, proof: 0n }));
  return [...now, ...gone]
    .map((line): LineChange => {
      const was = before.get(lineText(line));
      const delta = line.quantity - (was?.quantity ?? 0);
      return { ...line, delta, overageDelta: line.overage - (was?.overage ?? 0) };
    })
    .filter(({ delta, overageDelta }) => delta !== 0 || overageDelta !== 0)
    .sort((a, b) => (lineText(a) < lineText(b) ? -1 : 1));
}
