import { KafkaJSError, KafkaJSProtocolError, Producer, TopicMessages } from 'kafkajs';
import { Parcel } from './append-lane';
import { RequestSender, SendFailure, SentRequest } from './batcher';
import { pause, reasonOf, withDeadline } from './deadline';
import { CONNECT_TIMEOUT_MS, DroppableClient, REQUEST_TIMEOUT_MS } from './droppable-client';
import { LogOptions } from './log-types';
import { TopicNames } from './topic-names';

const ALL_IN_SYNC_REPLICAS = -1;
const RECONNECT_PAUSE_MS = 100;

interface Connection {
  client: DroppableClient;
  producer: Producer;
  ready: Promise<void>;
}

/**
 * Sends requests over the library's plain producer: not idempotent (its idempotent one loses acked
 * messages), no
 * retries of its own (the batcher repeats, with the partition fixed), and a fresh client after any
 * doubt.
 */
export class KafkaSender implements RequestSender {
  private connection: Connection | undefined;
  private readonly names: TopicNames;
  private isClosed = false;

  constructor(
    private readonly options: LogOptions,
    private readonly onReconnect: () => Promise<void> | void,
  ) {
    this.names = new TopicNames(options.namespace);
  }

  send(parcels: Parcel[]): SentRequest {
    const connection = this.connected();
    let drop = () => {};
    const dropped = new Promise<never>((_, reject) => {
      drop = () => {
        this.discard(connection);
        reject(new SendFailure('lost', 'given up at the deadline'));
      };
    });
    return { result: Promise.race([this.transmit(connection, parcels), dropped]), drop };
  }

  close(): void {
    this.isClosed = true;
    if (this.connection) this.discard(this.connection);
  }

  private connected(): Connection {
    if (this.connection && !this.connection.client.dropped) return this.connection;
    const client = new DroppableClient(this.options);
    const producer = client.kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition as number,
      retry: { retries: 0 },
    });
    const isFirst = this.connection === undefined;
    const ready = this.open(producer, isFirst);
    ready.catch(() => undefined); // its requests tell
    this.connection = { client, producer, ready };
    return this.connection;
  }

  private async open(producer: Producer, isFirst: boolean): Promise<void> {
    if (this.isClosed) throw new Error('closed');
    if (!isFirst) await pause(RECONNECT_PAUSE_MS);
    await withDeadline(producer.connect(), 2 * CONNECT_TIMEOUT_MS, 'connecting to the log');
    if (isFirst) return;
    await withDeadline(
      Promise.resolve(this.onReconnect()),
      2 * CONNECT_TIMEOUT_MS,
      'checking topics',
    );
  }

  private async transmit(connection: Connection, parcels: Parcel[]): Promise<bigint[]> {
    try {
      await connection.ready;
    } catch (error) {
      this.discard(connection);
      throw new SendFailure('not-sent', reasonOf(error));
    }
    for (const { entries } of parcels) for (const entry of entries) entry.sent = true;
    try {
      const metadata = await connection.producer.sendBatch({
        acks: ALL_IN_SYNC_REPLICAS,
        timeout: REQUEST_TIMEOUT_MS,
        topicMessages: this.topicMessages(parcels),
      });
      const offsets = new Map<string, bigint>();
      for (const { topicName, partition, baseOffset } of metadata) {
        if (baseOffset === undefined) continue;
        offsets.set(`${this.names.plain(topicName)} ${partition}`, BigInt(baseOffset));
      }
      return parcels.map(({ topic, partition }) => {
        const offset = offsets.get(`${topic} ${partition}`);
        if (offset === undefined) throw new Error(`no offset came back for ${topic} ${partition}`);
        return offset;
      });
    } catch (error) {
      throw this.failure(connection, error);
    }
  }

  private topicMessages(parcels: Parcel[]): TopicMessages[] {
    const byTopic = new Map<string, TopicMessages>();
    for (const { topic, entries } of parcels) {
      let group = byTopic.get(topic);
      if (!group) byTopic.set(topic, (group = { topic: this.names.onWire(topic), messages: [] }));
      for (const { message } of entries)
        group.messages.push(message as TopicMessages['messages'][0]);
    }
    return [...byTopic.values()];
  }

  private failure(connection: Connection, error: unknown): SendFailure {
    const cause = rootOf(error);
    if (cause instanceof KafkaJSProtocolError) {
      return new SendFailure('rejected', `${cause.type}: ${cause.message}`, cause.retriable);
    }
    this.discard(connection);
    return new SendFailure('lost', reasonOf(cause));
  }

  private discard(connection: Connection): void {
    connection.client.drop();
  }
}

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof KafkaJSError && root.cause) root = root.cause;
  return root;
}
