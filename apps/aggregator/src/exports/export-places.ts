import { Injectable } from '@nestjs/common';

/** Exports that run at once in this process: half of its connections to ClickHouse. */
export const MOST_EXPORTS = 4;
/** … and of one project, so that none keeps the others waiting. */
export const MOST_EXPORTS_OF_A_PROJECT = 2;

/** Who exports now. */
@Injectable()
export class ExportPlaces {
  private readonly taken = new Map<string, number>();

  /** Frees the place, once; undefined: there is none now. */
  take(project: string): (() => void) | undefined {
    const own = this.taken.get(project) ?? 0;
    const all = [...this.taken.values()].reduce((sum, count) => sum + count, 0);
    if (own >= MOST_EXPORTS_OF_A_PROJECT || all >= MOST_EXPORTS) return undefined;
    this.taken.set(project, own + 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.free(project);
      isTaken = false;
    };
  }

  private free(project: string): void {
    const rest = (this.taken.get(project) ?? 0) - 1;
    if (rest > 0) this.taken.set(project, rest);
    else this.taken.delete(project);
  }
}
