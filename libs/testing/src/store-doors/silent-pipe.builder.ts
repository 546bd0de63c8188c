import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  silent: boolean;
}

/** A TCP proxy before any server, which can fall silent as a firewall does: nothing is closed. */
export class SilentPipe {
  private readonly links = new Set<Link>();
  private swallowing = false;

  private constructor(
    private readonly server: Server,
    private readonly to: URL,
  ) {
    server.on('connection', (client) => this.link(client));
  }

  /** The address is as the server's, with the port of this proxy. */
  static async before(address: string): Promise<SilentPipe> {
    const to = new URL(address);
    const server = createServer();
    server.listen(0, to.hostname);
    await once(server, 'listening');
    return new SilentPipe(server, to);
  }

  get address(): string {
    const through = new URL(this.to);
    through.port = String((this.server.address() as AddressInfo).port);
    return through.href;
  }

  /** Connections that stand are silent for good; new ones are taken and get no answer. */
  blackHole(): void {
    this.swallowing = true;
    for (const link of this.links) link.silent = true;
  }

  /** New connections pass again; those from before stay silent. */
  heal(): void {
    this.swallowing = false;
  }

  async close(): Promise<void> {
    for (const { client, server } of this.links) {
      client.destroy();
      server.destroy();
    }
    this.server.close();
    await once(this.server, 'close');
  }

  private link(client: Socket): void {
    const server = connect(Number(this.to.port), this.to.hostname);
    const link: Link = { client, server, silent: this.swallowing };
    this.links.add(link);
    client.on('data', (chunk) => link.silent || server.write(chunk));
    server.on('data', (chunk) => link.silent || client.write(chunk));
    for (const end of [client, server]) end.on('error', () => undefined); // its close tells
    server.on('close', () => link.silent || client.destroy());
    client.on('close', () => {
      this.links.delete(link);
      server.destroy();
    });
  }
}
