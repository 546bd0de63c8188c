import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { correlationOf, headOf, readdressed, type RequestHead, WireFrames } from './wire-frames';

/** Kafka's numbers of the requests that faults are made for. */
export const API = { produce: 0, fetch: 1, joinGroup: 11, heartbeat: 12 } as const;

export type ApiName = keyof typeof API;

export interface Fault {
  lose: 'request' | 'reply';
  of: ApiName;
  /** What the client sees next: a connection reset, or a connection that stays open and silent. */
  then: 'reset' | 'silence';
}

interface Armed extends Fault {
  happened(): void;
}

interface Link {
  client: Socket;
  broker: Socket;
  /** Nothing passes any more, in either direction; both ends believe the connection stands. */
  silent: boolean;
}

/**
 * A TCP proxy before one broker that knows enough of the protocol to lose exactly one request or
 * reply. Start it, give clients its `address`, and break things by name.
 */
export class FaultProxy {
  private readonly links = new Set<Link>();
  private readonly armed: Armed[] = [];
  private swallowing = false;
  private readonly swallowed = new Set<number>();
  private delayMs = 0;
  private server: Server | undefined;
  private port = 0;

  private constructor(
    private readonly host: string,
    private readonly brokerPort: number,
  ) {}

  static async before(broker: string): Promise<FaultProxy> {
    const [host = '', port = ''] = broker.split(':');
    const proxy = new FaultProxy(host, Number(port));
    proxy.server = createServer((client) => proxy.link(client));
    proxy.server.listen(0, host);
    await once(proxy.server, 'listening');
    proxy.port = (proxy.server.address() as AddressInfo).port;
    return proxy;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  /** Loses the next request of the kind, or the reply to it; resolves when that has happened. */
  once(fault: Fault): Promise<void> {
    return new Promise((happened) => this.armed.push({ ...fault, happened }));
  }

  /** Connections that stand go silent for good, new ones are taken and never answered. */
  blackHole(): void {
    this.swallowing = true;
    for (const link of this.links) link.silent = true;
  }

  /** Requests of this kind get no answer until `heal`; all others pass. */
  swallow(api: ApiName): void {
    this.swallowed.add(API[api]);
  }

  /** New connections pass again. Those from before stay silent, as behind a forgetful firewall. */
  heal(): void {
    this.swallowing = false;
    this.swallowed.clear();
  }

  /** Every reply takes this much longer, in its order: a far broker. */
  delayReplies(ms: number): void {
    this.delayMs = ms;
  }

  reset(): void {
    for (const link of this.links) this.cut(link);
  }

  async close(): Promise<void> {
    this.reset();
    this.server?.close();
    if (this.server) await once(this.server, 'close');
  }

  private link(client: Socket): void {
    const broker = connect(this.brokerPort, this.host);
    const link: Link = { client, broker, silent: this.swallowing };
    this.links.add(link);
    const asked = new Map<number, RequestHead>();
    const lostReplies = new Map<number, Armed>();
    const [requests, replies] = [new WireFrames(), new WireFrames()];
    client.on('data', (chunk) => {
      for (const frame of requests.push(chunk)) {
        const head = headOf(frame);
        const fault = this.take(head.api);
        if (fault?.lose === 'request') this.meet(link, fault);
        if (link.silent || fault?.lose === 'request' || this.swallowed.has(head.api)) continue;
        asked.set(head.correlation, head);
        if (fault) lostReplies.set(head.correlation, fault);
        broker.write(frame);
      }
    });
    broker.on('data', (chunk) => {
      for (const frame of replies.push(chunk)) {
        const head = asked.get(correlationOf(frame));
        const fault = lostReplies.get(correlationOf(frame));
        asked.delete(correlationOf(frame));
        if (fault) this.meet(link, fault);
        if (fault || link.silent || !head) continue;
        this.answer(link, readdressed(frame, head, this.brokerPort, this.port));
      }
    });
    for (const [end, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      end.on('error', () => undefined); // its close tells
      end.on('close', () => {
        this.links.delete(link);
        if (!link.silent) other.destroy();
      });
    }
    client.on('close', () => broker.destroy());
  }

  private answer(link: Link, frame: Buffer): void {
    if (this.delayMs === 0) link.client.write(frame);
    else setTimeout(() => link.silent || link.client.write(frame), this.delayMs);
  }

  private take(api: number): Armed | undefined {
    const at = this.armed.findIndex((fault) => API[fault.of] === api);
    return at < 0 ? undefined : this.armed.splice(at, 1)[0];
  }

  /** Silence concerns the one request: what else is in flight on its connection passes. */
  private meet(link: Link, fault: Armed): void {
    if (fault.then === 'reset') this.cut(link);
    fault.happened();
  }

  private cut(link: Link): void {
    link.client.resetAndDestroy();
    link.broker.destroy();
  }
}
