/**
 * Metadata version 12, the first that can be asked by name and answers with topic ids on every
 * supported broker
 * (KIP-516). kafkajs stops at version 6. Written from the protocol guide:
 * https://kafka.apache.org/protocol
 */
export const METADATA_API_KEY = 3;
export const METADATA_VERSION = 12;

export interface TopicDescription {
  topic: string;
  errorCode: number;
  /** 22 characters of base64url, as Kafka's own tools print it. */
  topicId: string;
  partitions: number;
}

export interface ClusterDescription {
  clusterId: string;
  topics: TopicDescription[];
}

const UUID_BYTES = 16;

/** The request's body, led by the empty tag section that ends a version 2 header. */
export function encodeMetadataRequest(topics: string[]): Buffer {
  const parts: Buffer[] = [Buffer.from([0]), uvarint(topics.length + 1)];
  for (const topic of topics) {
    const name = Buffer.from(topic, 'utf8');
    parts.push(Buffer.alloc(UUID_BYTES), uvarint(name.length + 1), name, Buffer.from([0]));
  }
  const [allowAutoTopicCreation, includeAuthorizedOperations, tags] = [0, 0, 0];
  parts.push(Buffer.from([allowAutoTopicCreation, includeAuthorizedOperations, tags]));
  return Buffer.concat(parts);
}

export function decodeMetadataResponse(raw: Buffer): ClusterDescription {
  const at = new Cursor(raw);
  at.tags();
  at.skip(4); // throttle_time_ms
  at.array(() => {
    at.skip(4); // node_id
    at.text();
    at.skip(4); // port
    at.text();
    at.tags();
  });
  const clusterId = at.text() ?? '';
  at.skip(4); // controller_id
  const topics = at.array(() => readTopic(at));
  return { clusterId, topics };
}

function readTopic(at: Cursor): TopicDescription {
  const errorCode = at.int16();
  const topic = at.text() ?? '';
  const topicId = at.bytes(UUID_BYTES).toString('base64url');
  at.skip(1); // is_internal
  const partitions = at.array(() => {
    at.skip(2 + 4 + 4 + 4); // error_code, index, leader, leader epoch
    // The lists of replicas: all, in sync, offline.
    for (let list = 0; list < 3; list += 1) at.array(() => at.skip(4));
    at.tags();
  });
  at.skip(4); // authorized operations
  at.tags();
  return { topic, errorCode, topicId, partitions: partitions.length };
}

function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

class Cursor {
  private position = 0;

  constructor(private readonly buffer: Buffer) {}

  skip(length: number): void {
    this.position += length;
  }

  bytes(length: number): Buffer {
    const end = this.position + length;
    if (end > this.buffer.length) throw new RangeError('metadata response ends too early');
    const part = this.buffer.subarray(this.position, end);
    this.position = end;
    return part;
  }

  int16(): number {
    return this.bytes(2).readInt16BE(0);
  }

  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes(1)[0] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('metadata response holds a number of over five bytes');
  }

  text(): string | null {
    const length = this.uvarint();
    return length === 0 ? null : this.bytes(length - 1).toString('utf8');
  }

  array<T>(read: () => T): T[] {
    const length = this.uvarint();
    const items: T[] = [];
    for (let i = 1; i < length; i += 1) items.push(read());
    return items;
  }

  tags(): void {
    const count = this.uvarint();
    for (let i = 0; i < count; i += 1) {
      this.uvarint();
      this.skip(this.uvarint());
    }
  }
}
