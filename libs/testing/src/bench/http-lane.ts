import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
/** An answer that takes longer never comes. */
const ANSWER_DEADLINE_MS = 60_000;

export interface LaneAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * One kept connection with one request in flight, written as bytes that are made before: the client
 * of a benchmark shares its two cores with what is measured, and should cost next to nothing.
 */
export class HttpLane {
  private received: Buffer = Buffer.alloc(0);
  private waiting: { resolve(answer: LaneAnswer): void; reject(error: Error): void } | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setTimeout(ANSWER_DEADLINE_MS, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.data(chunk));
    socket.on('error', (error) => this.waiting?.reject(error));
    socket.on('close', () => this.waiting?.reject(new Error('the gateway closed a connection')));
  }

  static open(url: string): Promise<HttpLane> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => resolve(new HttpLane(socket)));
      socket.once('error', reject);
    });
  }

  ask(request: Buffer): Promise<LaneAnswer> {
    return new Promise((resolve, reject) => {
      // A write to a closed socket says nothing to anybody.
      if (this.socket.destroyed) reject(new Error('the gateway closed an idle connection'));
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private data(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const end = this.received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.received.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.waiting?.reject(new Error(`an answer of unknown length: ${head}`));
      return;
    }
    const total = end + HEAD_END.length + Number(length);
    if (this.received.length < total) return;
    const body = this.received.toString('utf8', end + HEAD_END.length, total);
    this.received = this.received.subarray(total);
    this.waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}

/** A POST as bytes. */
export function postBytes(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Buffer {
  const lines = Object.entries({ host: 'bench', ...headers }).map((pair) => pair.join(': '));
  const length = Buffer.byteLength(body);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\ncontent-length: ${length}\r\n\r\n${body}`,
  );
}
