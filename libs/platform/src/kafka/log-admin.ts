import { Admin, ConfigResourceTypes } from 'kafkajs';
import { pause, reasonOf, withDeadline } from './deadline';
import { DroppableClient } from './droppable-client';
import { TopicIdentity } from './follow-types';
import { LogFault } from './log-fault';
import { LogOptions } from './log-types';
import { TopicDescription } from './metadata-codec';
import { RawCluster } from './raw-cluster';
import { LogAdmin, TopicDeclaration } from './read-types';
import { TopicNames } from './topic-names';

/** A question is asked again, on a new connection, until this long after the first try. */
export const ADMIN_DEADLINE_MS = 15_000;
export const REACHABLE_DEADLINE_MS = 2_000;
const RETRY_PAUSE_MS = 200;
/** A broker that has just started, or a topic just made: "unknown" is believed after this long. */
export const MISSING_PATIENCE_MS = 3_000;
const UNKNOWN_TOPIC = 3;

/**
 * What every topic of ours has unless it is declared otherwise. Broker time, so that lateness
 * can't be forged; and
 * whatever codec a foreign producer uses, the broker stores what every reader can read.
 */
const EXPECTED_CONFIGS: Record<string, string> = {
  'message.timestamp.type': 'LogAppendTime',
  'compression.type': 'uncompressed',
};

export class KafkaLogAdmin implements LogAdmin {
  private cluster: RawCluster | undefined;
  private connected = new Set<string>();
  private readonly names: TopicNames;

  constructor(private readonly options: LogOptions) {
    this.names = new TopicNames(options.namespace);
  }

  async ensureTopics(declarations: TopicDeclaration[]): Promise<void> {
    const client = new DroppableClient(this.options);
    const admin = client.kafka.admin({ retry: { retries: 5 } });
    try {
      const work = this.createAndCheck(admin, declarations);
      await withDeadline(work, ADMIN_DEADLINE_MS * 2, 'creating topics');
    } finally {
      client.drop();
    }
  }

  async endOffsets(topic: string): Promise<Map<number, bigint>> {
    return this.offsets(topic, 'end');
  }

  async beginOffsets(topic: string): Promise<Map<number, bigint>> {
    return this.offsets(topic, 'begin');
  }

  async topicIdentity(topic: string): Promise<TopicIdentity> {
    return (await this.describe(topic)).identity;
  }

  async partitions(topic: string): Promise<number> {
    return (await this.describe(topic)).partitions;
  }

  async reachable(): Promise<boolean> {
    const cluster = new RawCluster(this.options);
    try {
      await withDeadline(cluster.connect([]), REACHABLE_DEADLINE_MS, 'reaching the log');
      return true;
    } catch {
      return false;
    } finally {
      cluster.drop();
    }
  }

  /** The next question goes over a new connection; those under way are asked again there. */
  reconnect(): void {
    this.cluster?.drop();
  }

  close(): void {
    this.cluster?.drop();
    this.cluster = undefined;
  }

  async describe(topic: string): Promise<TopicDescription & { identity: TopicIdentity }> {
    const wireName = this.names.onWire(topic);
    return this.asked(wireName, async (cluster) => {
      const { clusterId, topics } = await cluster.describe([wireName]);
      const found = topics.find((described) => described.topic === wireName);
      if (!found || found.errorCode === UNKNOWN_TOPIC) throw missing(topic);
      if (found.errorCode !== 0) throw new Error(`topic ${topic}: Kafka error ${found.errorCode}`);
      return { ...found, identity: `${clusterId}/${found.topicId}` };
    });
  }

  private async offsets(topic: string, which: 'begin' | 'end'): Promise<Map<number, bigint>> {
    const { partitions } = await this.describe(topic);
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    return this.asked(this.names.onWire(topic), (cluster) =>
      cluster.offsets(this.names.onWire(topic), all, which),
    );
  }

  private async asked<T>(wireName: string, ask: (cluster: RawCluster) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    for (;;) {
      try {
        return await ask(await this.connectedTo(wireName));
      } catch (error) {
        const isMissing = error instanceof LogFault && error.code === 'topic-missing';
        this.cluster?.drop();
        const patience = isMissing ? MISSING_PATIENCE_MS : ADMIN_DEADLINE_MS;
        if (performance.now() + RETRY_PAUSE_MS > startedAt + patience) throw error;
        await pause(RETRY_PAUSE_MS);
      }
    }
  }

  private async connectedTo(wireName: string): Promise<RawCluster> {
    if (!this.cluster || this.cluster.dropped) {
      this.cluster = new RawCluster(this.options);
      this.connected = new Set();
    }
    const cluster = this.cluster;
    if (!this.connected.has(wireName)) {
      await cluster.connect([wireName]).catch((error: unknown) => {
        throw isUnknownTopic(error) ? missing(this.names.plain(wireName)) : error;
      });
      this.connected.add(wireName);
    }
    return cluster;
  }

  private async createAndCheck(admin: Admin, declarations: TopicDeclaration[]): Promise<void> {
    await admin.connect();
    const there = new Set(await admin.listTopics());
    const absent = declarations.filter(({ name }) => !there.has(this.names.onWire(name)));
    if (absent.length > 0) {
      // Not the library's own wait for leaders: it fails on a broker that hears of them late.
      const topics = absent.map((declared) => this.wireTopic(declared));
      await admin.createTopics({ waitForLeaders: false, topics });
      for (const { name } of absent) await this.untilServed(name);
    }
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: declarations.map(({ name }) => ({
        type: ConfigResourceTypes.TOPIC,
        name: this.names.onWire(name),
      })),
    });
    const faults: string[] = [];
    for (const declared of declarations) {
      const wireName = this.names.onWire(declared.name);
      const configs = resources.find(({ resourceName }) => resourceName === wireName);
      const stored = new Map(configs?.configEntries.map((c) => [c.configName, c.configValue]));
      faults.push(...(await this.faultsOf(declared, stored)));
    }
    if (faults.length > 0) throw new LogFault('topic-misconfigured', faults.join('; '));
  }

  /** Until every partition's leader answers for it: known is not yet served. */
  private async untilServed(topic: string): Promise<void> {
    const giveUpAt = performance.now() + ADMIN_DEADLINE_MS;
    for (;;) {
      try {
        await this.endOffsets(topic);
        return;
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
      }
    }
  }

  private wireTopic({ name, partitions, replicationFactor, configs }: TopicDeclaration) {
    const merged = { ...EXPECTED_CONFIGS, ...configs };
    return {
      topic: this.names.onWire(name),
      numPartitions: partitions,
      replicationFactor: replicationFactor ?? -1,
      configEntries: Object.entries(merged).map(([key, value]) => ({ name: key, value })),
    };
  }

  private async faultsOf(declared: TopicDeclaration, stored: Map<string, string>) {
    const { partitions } = await this.describe(declared.name);
    const faults: string[] = [];
    if (partitions !== declared.partitions) {
      faults.push(`${declared.name} has ${partitions} partitions, not ${declared.partitions}`);
    }
    const strict = { ...EXPECTED_CONFIGS, ...declared.configs };
    for (const [name, value] of Object.entries(strict)) {
      if (stored.get(name) !== value) {
        faults.push(`${declared.name}: ${name} is ${stored.get(name)}, not ${value}`);
      }
    }
    return faults;
  }
}

function missing(topic: string): LogFault {
  return new LogFault('topic-missing', `topic ${topic} does not exist`);
}

function isUnknownTopic(error: unknown): boolean {
  return reasonOf(error).includes('does not host this topic-partition');
}
