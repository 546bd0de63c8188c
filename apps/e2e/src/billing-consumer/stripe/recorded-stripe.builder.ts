import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Exchange {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly idempotencyKey?: string;
    readonly body: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

export type Asked = Exchange['request'] & {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
};

/** `hang`: no answer. `cut`: the connection ends without one, though the request was taken. */
export type Reply = Exchange['response'] | 'hang' | 'cut';

const file = (name: string) => join(__dirname, 'recorded', `${name}.json`);
export const recorded = (name: string): Exchange =>
  JSON.parse(readFileSync(file(name), 'utf8')) as Exchange;

/** An address on this machine that answers as Stripe does, and keeps what it was asked. */
export class RecordedStripe {
  readonly asked: Asked[] = [];
  private readonly server: Server;

  private constructor(private readonly answer: (asked: Asked) => Reply) {
    this.server = createServer((request, response) => void this.reply(request, response));
  }

  static async start(answer: (asked: Asked) => Reply): Promise<RecordedStripe> {
    const stripe = new RecordedStripe(answer);
    await new Promise<void>((resolve) => stripe.server.listen(0, '127.0.0.1', resolve));
    return stripe;
  }

  /** Answers in turn, the last for ever. */
  static inTurn(...replies: Reply[]): Promise<RecordedStripe> {
    return RecordedStripe.start(() => {
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      if (reply === undefined) throw new Error('no answer is left');
      return reply;
    });
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const idempotencyKey = request.headers['idempotency-key'] as string | undefined;
    const asked: Asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      body: Buffer.concat(parts).toString(),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      authorization: request.headers.authorization,
      contentType: request.headers['content-type'],
    };
    this.asked.push(asked);
    const reply = this.answer(asked);
    if (reply === 'hang') return;
    if (reply === 'cut') return void request.socket.destroy();
    response.writeHead(reply.status, reply.headers).end(JSON.stringify(reply.body));
  }
}
