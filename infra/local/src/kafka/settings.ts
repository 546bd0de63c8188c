/** One broker that is its own controller (KRaft). Everything is reachable on `bind` alone. */
export interface KafkaPlace {
  readonly dataFolder: string;
  readonly bind: string;
  /** The host clients are told to use: `bind`, unless that means every interface. */
  readonly advertised: string;
  readonly port: number;
  readonly controllerPort: number;
}

export const ANY_INTERFACE = new Set(['0.0.0.0', '::']);

export function kafkaSettings(place: KafkaPlace): string {
  const controller = ANY_INTERFACE.has(place.bind) ? '127.0.0.1' : place.bind;
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    // A static quorum of one: the ports may change between starts, the data stays valid.
    'controller.quorum.voters': `1@${controller}:${place.controllerPort}`,
    listeners: `CLIENT://${place.bind}:${place.port},CONTROLLER://${controller}:${place.controllerPort}`,
    'advertised.listeners': `CLIENT://${place.advertised}:${place.port}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': place.dataFolder,
    // Topics are declared in one file of libs/contracts; a typing error must not make one.
    'auto.create.topics.enable': false,
    'log.message.timestamp.type': 'LogAppendTime',
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    // A single machine: a restarted service need not wait for companions to join its group.
    'group.initial.rebalance.delay.ms': 0,
    // Sessions shorter than the default let a killed service's successor in sooner.
    'group.min.session.timeout.ms': 1_000,
    // After kill -9 the controller refuses the new broker as a double of the old one until the old
    // session has lapsed: with the default, 9 s after every crash.
    'broker.session.timeout.ms': 1_500,
    'broker.heartbeat.interval.ms': 300,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    'log.segment.bytes': 128 * 1024 * 1024,
    // The metadata log is cut often, so that a small disk holds years of restarts.
    'metadata.log.max.record.bytes.between.snapshots': 4 * 1024 * 1024,
    'metadata.max.retention.bytes': 16 * 1024 * 1024,
    'metadata.log.segment.bytes': 8 * 1024 * 1024,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return `${lines.join('\n')}\n`;
}
