// The parts of kafkajs 2.2.4 below its public door that raw-cluster.ts uses: a consumer without a
// group, and a
// request the library does not know (Metadata 12, for topic ids). Only raw-cluster.ts may import
// these.
declare module 'kafkajs/src/cluster' {
  import type { ISocketFactory, Logger, SASLOptions } from 'kafkajs';

  namespace Cluster {
    interface Config {
      logger: Logger;
      socketFactory: ISocketFactory;
      brokers: string[];
      clientId: string;
      ssl?: object;
      sasl?: SASLOptions;
      connectionTimeout: number;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
      metadataMaxAge: number;
      retry: { retries: number };
      allowAutoTopicCreation: boolean;
      isolationLevel: number;
    }
    interface WireRequest {
      request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<object> };
      response: { decode(raw: Buffer): Promise<object>; parse(decoded: object): Promise<object> };
    }
    interface FetchedMessage {
      offset: string;
      timestamp: string;
      key: Buffer | null;
      value: Buffer | null;
      headers: Record<string, Buffer | Buffer[] | null>;
      isControlRecord: boolean;
      batchContext: { firstOffset: string; lastOffsetDelta: number };
    }
    interface FetchedPartition {
      partition: number;
      highWatermark: string;
      messages: FetchedMessage[];
    }
    interface Broker {
      nodeId: number;
      connectionPool: { send(request: WireRequest): Promise<object> };
      fetch(request: {
        maxWaitTime: number;
        minBytes: number;
        maxBytes: number;
        isolationLevel: number;
        topics: {
          topic: string;
          partitions: { partition: number; fetchOffset: string; maxBytes: number }[];
        }[];
      }): Promise<{ responses: { topicName: string; partitions: FetchedPartition[] }[] }>;
    }
  }

  class Cluster {
    constructor(config: Cluster.Config);
    connect(): Promise<void>;
    addMultipleTargetTopics(topics: string[]): Promise<void>;
    refreshMetadata(): Promise<void>;
    findBroker(node: { nodeId: number | string }): Promise<Cluster.Broker>;
    findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
    fetchTopicsOffset(
      topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
    ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
    getNodeIds(): string[];
  }
  export = Cluster;
}

declare module 'kafkajs/src/protocol/encoder' {
  class Encoder {
    writeBuffer(bytes: Buffer): this;
  }
  export = Encoder;
}
