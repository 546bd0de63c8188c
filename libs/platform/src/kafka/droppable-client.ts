import { Kafka, KafkaConfig, logLevel, LogEntry as LibraryLine, SASLOptions } from 'kafkajs';
import { connect as connectPlain, isIP, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { LogLogger, LogOptions } from './log-types';

/** The longest a connection may take to open. */
export const CONNECT_TIMEOUT_MS = 3_000;
/**
 * The library's own limit for one request; a request that passes it makes the port drop the
 * client.
 */
export const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 60_000;

// Explicit partitions everywhere: the library's warning about its default partitioner says nothing
// to us.
process.env['KAFKAJS_NO_PARTITIONER_WARNING'] ??= '1';

/**
 * One client of the library whose sockets can be destroyed. The library never closes a connection
 * that has gone
 * silent, and its own disconnect() waits for the answers that don't come; so whoever meets a
 * deadline drops the
 * whole client and makes a new one.
 */
export class DroppableClient {
  readonly kafka: Kafka;
  readonly config: KafkaConfig;
  private readonly sockets = new Set<Socket>();
  private isDropped = false;

  constructor(options: LogOptions) {
    this.config = {
      brokers: options.brokers,
      clientId: options.clientId,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      enforceRequestTimeout: true,
      retry: { retries: 0 },
      socketFactory: ({ host, port, ssl, onConnect }) => {
        if (this.isDropped) throw new Error('the client has been dropped');
        const servername = isIP(host) ? {} : { servername: host };
        const socket = ssl
          ? connectTls({ host, port, ...servername, ...ssl }, onConnect)
          : connectPlain({ host, port }, onConnect);
        socket.setKeepAlive(true, KEEP_ALIVE_MS);
        socket.setNoDelay(true);
        this.sockets.add(socket);
        socket.once('close', () => this.sockets.delete(socket));
        return socket;
      },
      logLevel: logLevel.WARN,
      logCreator: () => (line) => {
        if (!this.isDropped) writeLine(options.logger, line);
      },
      ...(options.ssl ? { ssl: {} } : {}),
      ...(options.sasl ? { sasl: options.sasl as SASLOptions } : {}),
    };
    this.kafka = new Kafka(this.config);
  }

  get dropped(): boolean {
    return this.isDropped;
  }

  /** Destroys every connection; requests in flight are rejected, new connections refused. */
  drop(): void {
    this.isDropped = true;
    for (const socket of this.sockets) socket.destroy(new Error('the client was dropped'));
  }
}

// Named fields only: the library may put anything else, credentials too, into a line.
function writeLine(logger: LogLogger, { namespace, level, log }: LibraryLine): void {
  const details: Record<string, unknown> = { from: `kafkajs ${namespace}` };
  for (const field of ['groupId', 'broker', 'topic', 'partition', 'retryCount', 'error']) {
    const value: unknown = log[field];
    if (typeof value === 'string' || typeof value === 'number') details[field] = value;
  }
  // Its errors are mostly attempts that the port repeats: what is final, the port says itself.
  if (level <= logLevel.WARN) logger.warn(details, log.message);
  else logger.debug(details, log.message);
}
