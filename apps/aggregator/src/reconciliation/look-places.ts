import { Injectable } from '@nestjs/common';

/** Looks for people that run at once in this process: each holds a snapshot of the totals. */
export const MOST_LOOKS = 3;

/** Who looks now. */
@Injectable()
export class LookPlaces {
  private taken = new Set<string>();

  /** Runs `use` in the project's only place; undefined: it is taken, or all of them are. */
  async within<T>(project: string, use: () => Promise<T>): Promise<T | undefined> {
    if (this.taken.has(project) || this.taken.size >= MOST_LOOKS) return undefined;
    this.taken.add(project);
    try {
      return await use();
    } finally {
      this.taken.delete(project);
    }
  }
}
