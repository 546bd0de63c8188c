import type { SASLOptions } from 'kafkajs';
import Cluster from 'kafkajs/src/cluster';
import Encoder from 'kafkajs/src/protocol/encoder';
import { withDeadline } from './deadline';
import { CONNECT_TIMEOUT_MS, DroppableClient, REQUEST_TIMEOUT_MS } from './droppable-client';
import { LogFault } from './log-fault';
import { LogOptions } from './log-types';
import {
  ClusterDescription,
  decodeMetadataResponse,
  encodeMetadataRequest,
  METADATA_API_KEY,
  METADATA_VERSION,
} from './metadata-codec';

const METADATA_MAX_AGE_MS = 60_000;
/** Topics and offsets are small questions: no answer for this long means a dead connection. */
export const QUESTION_DEADLINE_MS = 3_000;
/**
 * Aborted transactions are no business of ours: every fold and every reader counts what the log
 * holds.
 */
const READ_UNCOMMITTED = 0;

export type FetchedMessage = Cluster.FetchedMessage;

export interface FetchedPartition {
  partition: number;
  highWatermark: bigint;
  /** Where to go on: past the last stored batch, also when compaction left nothing of it. */
  next: bigint;
  messages: FetchedMessage[];
}

/**
 * Connections of their own, without a group: the one place that reaches below kafkajs' public door
 * (see
 * kafkajs-internals.d.ts). Any failure or deadline drops it; make a new one.
 */
export class RawCluster {
  private readonly client: DroppableClient;
  private readonly cluster: Cluster;

  constructor(options: LogOptions) {
    this.client = new DroppableClient(options);
    const { brokers, clientId, ssl, sasl, socketFactory } = this.client.config;
    this.cluster = new Cluster({
      logger: this.client.kafka.logger(),
      socketFactory: socketFactory as NonNullable<typeof socketFactory>,
      brokers: brokers as string[],
      clientId: clientId as string,
      ...(ssl ? { ssl: ssl as object } : {}),
      ...(sasl ? { sasl: sasl as SASLOptions } : {}),
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      enforceRequestTimeout: true,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      retry: { retries: 0 },
      allowAutoTopicCreation: false,
      isolationLevel: READ_UNCOMMITTED,
    });
  }

  get dropped(): boolean {
    return this.client.dropped;
  }

  drop(): void {
    this.client.drop();
  }

  /** Must come first for every topic that is asked about. */
  connect(topics: string[]): Promise<void> {
    return this.guarded(
      'connecting to the log',
      CONNECT_TIMEOUT_MS + QUESTION_DEADLINE_MS,
      async () => {
        await this.cluster.connect();
        await this.cluster.addMultipleTargetTopics(topics);
      },
    );
  }

  describe(topics: string[]): Promise<ClusterDescription> {
    return this.guarded('asking for topics', QUESTION_DEADLINE_MS, async () => {
      await this.cluster.refreshMetadata();
      const nodeId = this.cluster.getNodeIds()[0];
      if (nodeId === undefined) throw new Error('the cluster names no broker');
      const broker = await this.cluster.findBroker({ nodeId });
      return (await broker.connectionPool.send({
        request: {
          apiKey: METADATA_API_KEY,
          apiVersion: METADATA_VERSION,
          apiName: 'Metadata',
          encode: async () => new Encoder().writeBuffer(encodeMetadataRequest(topics)),
        },
        response: {
          decode: async (raw) => decodeMetadataResponse(raw),
          parse: async (decoded) => decoded,
        },
      })) as ClusterDescription;
    });
  }

  offsets(topic: string, partitions: number[], which: 'begin' | 'end') {
    return this.guarded('asking for offsets', QUESTION_DEADLINE_MS, async () => {
      const wanted = partitions.map((partition) => ({ partition }));
      const answers = await this.cluster.fetchTopicsOffset([
        { topic, partitions: wanted, fromBeginning: which === 'begin' },
      ]);
      const offsets = answers.flatMap((answer) => answer.partitions);
      return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
    });
  }

  /** Which broker leads which of the partitions. */
  leaders(topic: string, partitions: number[]): Map<string, number[]> {
    return new Map(Object.entries(this.cluster.findLeaderForPartitions(topic, partitions)));
  }

  fetch(
    nodeId: string,
    topic: string,
    from: ReadonlyMap<number, bigint>,
    limits: { maxWaitMs: number; maxBytes: number },
  ): Promise<FetchedPartition[]> {
    const deadlineMs = limits.maxWaitMs + REQUEST_TIMEOUT_MS;
    return this.guarded('fetching', deadlineMs, async () => {
      const broker = await this.cluster.findBroker({ nodeId });
      const { responses } = await broker.fetch({
        maxWaitTime: limits.maxWaitMs,
        minBytes: 1,
        maxBytes: limits.maxBytes,
        isolationLevel: READ_UNCOMMITTED,
        topics: [
          {
            topic,
            partitions: [...from].map(([partition, offset]) => ({
              partition,
              fetchOffset: offset.toString(),
              maxBytes: limits.maxBytes,
            })),
          },
        ],
      });
      return responses.flatMap(({ partitions }) =>
        partitions.map((fetched) => trimmed(fetched, from.get(fetched.partition) as bigint)),
      );
    });
  }

  private async guarded<T>(what: string, ms: number, work: () => Promise<T>): Promise<T> {
    if (this.dropped) throw new LogFault('deadline', `${what}: the connection was dropped`);
    try {
      return await withDeadline(work(), ms, what);
    } catch (error) {
      this.drop();
      throw error;
    }
  }
}

/** A fetch answers with whole stored batches: the first may begin before the offset asked for. */
function trimmed(fetched: Cluster.FetchedPartition, start: bigint): FetchedPartition {
  const { partition, messages } = fetched;
  const last = messages.at(-1)?.batchContext;
  const past = last ? BigInt(last.firstOffset) + BigInt(last.lastOffsetDelta) + 1n : start;
  return {
    partition,
    highWatermark: BigInt(fetched.highWatermark),
    next: past > start ? past : start,
    messages: messages.filter((m) => !m.isControlRecord && BigInt(m.offset) >= start),
  };
}
