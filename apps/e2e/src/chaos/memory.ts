import type { Fleet } from './fleet';

const LOOK_EVERY_MS = 1_000;
const SHOWN_EVERY = 10;
const MEBIBYTE = 1_048_576;

/** The gateways' memory over time. */
export class GatewayMemory {
  private readonly timer: NodeJS.Timeout;
  private readonly seen: [number[], number[]] = [[], []];

  constructor(private readonly fleet: Fleet) {
    this.look();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** A line per gateway: from, most, to, and how it went; and by how much the one grew most. */
  end(): { readonly lines: string[]; readonly growthMiB: number } {
    clearInterval(this.timer);
    this.look();
    const sizes = this.seen.map((bytes) => bytes.map((size) => Math.round(size / MEBIBYTE)));
    const growth = sizes.map((of) => Math.max(0, ...of) - (of[0] ?? 0));
    return { lines: this.lines(sizes), growthMiB: Math.max(...growth) };
  }

  private lines(all: readonly (readonly number[])[]): string[] {
    return all.map((sizes, n) => {
      if (sizes.length === 0) return `gateway-${n + 1}: memory unknown here`;
      const course = sizes.filter((_, at) => at % SHOWN_EVERY === 0).join(' ');
      const most = Math.max(...sizes);
      return `gateway-${n + 1} RSS MiB: ${sizes[0]} at first, at most ${most}, ${sizes.at(-1)} at last; every ${SHOWN_EVERY} s: ${course}`;
    });
  }

  private look(): void {
    for (const [n, name] of (['gateway-1', 'gateway-2'] as const).entries()) {
      const bytes = this.fleet.member(name).residentBytes();
      if (bytes !== undefined) this.seen[n]?.push(bytes);
    }
  }
}
