/** Turns the engine's bytes into what the client asked for, piece by piece. */
export interface Rewriter {
  push(bytes: Buffer): Buffer;
  /** What is still inside when nothing more comes. */
  end(): Buffer;
}

/** One after the other. */
export class Rewriters implements Rewriter {
  constructor(private readonly steps: readonly Rewriter[]) {}

  push(bytes: Buffer): Buffer {
    return this.steps.reduce((piece, step) => (piece.length > 0 ? step.push(piece) : piece), bytes);
  }

  end(): Buffer {
    let rest: Buffer = Buffer.alloc(0);
    for (const step of this.steps) {
      const pushed = rest.length > 0 ? step.push(rest) : rest;
      rest = Buffer.concat([pushed, step.end()]);
    }
    return rest;
  }
}
