// The log port: what is acked stands in the log, and is read from where the store is.
const APPENDER = 'libs/platform/src/kafka/appender.ts';
const PLACER = 'libs/platform/src/kafka/partition-placer.ts';

const port = (name) => ({
  project: 'unit',
  path: 'libs/platform/src/kafka/appender.spec.ts',
  name: `an appender ${name}`,
});
const late = (name) => ({
  project: 'unit',
  path: 'libs/platform/src/kafka/append-deadlines.spec.ts',
  name: `an answer that comes after the deadline ${name}`,
});
const sender = (name) => ({
  project: 'unit',
  path: 'libs/platform/src/kafka/kafka-sender.spec.ts',
  name: `a request to the log ${name}`,
});
const real = (path, name) => ({ project: 'integration', path, name });
const conforming = (file, name) => real(`libs/testing/src/log-conformance/${file}`, name);

export const LOG = [
  {
    name: 'all-replicas-ack',
    keeps: 'I1',
    file: 'libs/platform/src/kafka/kafka-sender.ts',
    find: 'acks: ALL_IN_SYNC_REPLICAS,',
    put: 'acks: 1,',
    test: sender('asks for the ack of every replica in sync, and goes where its partition says'),
    red: '"acks": -1',
  },
  {
    name: 'no-idempotent-producer',
    keeps: 'I1',
    file: 'libs/platform/src/kafka/kafka-sender.ts',
    find: 'idempotent: false,',
    put: 'idempotent: true,',
    test: sender(
      'is made by a producer that repeats nothing and is not idempotent: that one loses acked entries',
    ),
    red: '"idempotent": false',
  },
  {
    name: 'partitions-grown',
    keeps: 'I2, PROTOCOL 18',
    file: APPENDER,
    find: 'if (found === declared) return;',
    put: 'if (found > 0) return;',
    test: port('appends nothing once the topic has other partitions than its keys were placed by'),
    red: '-     "reason": "not-sent",\n+     "kind": "unknown",',
  },
  {
    name: 'settled-once',
    keeps: 'I1',
    file: APPENDER,
    find: 'if (entry.done) return;',
    put: '',
    test: late('changes nothing that the caller was told, and frees nothing twice'),
    red: '-   "unknown",\n-   "unknown",\n+   "acked",\n+   "acked",',
  },
  {
    name: 'answered-not-sent-again',
    keeps: 'I1',
    file: 'libs/platform/src/kafka/append-lane.ts',
    find: 'const entries = this.repeat?.filter((entry) => !entry.done) ?? [];',
    put: 'const entries = this.repeat ?? [];',
    test: late('does not let an entry that was answered be sent again with those that wait'),
    red: '+   "early",',
  },
  {
    name: 'topic-made-anew',
    keeps: 'I2, PROTOCOL 20',
    file: PLACER,
    find: 'if (stored.identity !== null && stored.identity !== survey.identity) {',
    put: 'if (Date.now() < 0) {',
    test: conforming(
      'refuse.int.spec.ts',
      'a log that is not what the store counted in refuses a topic made anew, also when it has grown past the stored offsets',
    ),
    red: 'for a fault; last seen: false, as of {"counted":200}',
  },
  {
    name: 'store-past-the-end',
    keeps: 'I1',
    file: PLACER,
    find: 'if (stored.next > end) {',
    put: 'if (Date.now() < 0) {',
    test: conforming(
      'refuse.int.spec.ts',
      'a log that is not what the store counted in refuses a position that the log has not reached',
    ),
    red: 'for a fault; last seen: false, as of {"counted":0}',
  },
  {
    name: 'lost-to-retention',
    keeps: 'I1',
    file: PLACER,
    find: 'if (begin > stored.next) {',
    put: 'if (Date.now() < 0) {',
    test: conforming(
      'refuse.int.spec.ts',
      'a log that is not what the store counted in refuses to skip what retention took',
    ),
    red: 'for a fault; last seen: false, as of {"counted":0}',
  },
  {
    name: 'offset-of-the-store',
    keeps: 'I2, PROTOCOL 20',
    file: 'libs/platform/src/kafka/group-session.ts',
    find: 'this.consumer.seek({ topic: wireName, partition, offset: offset.toString() });',
    put: '',
    test: real(
      'apps/entitlement/src/project-totals/usage-log.int.spec.ts',
      'following the usage log starts where Postgres is, whatever the group has stored',
    ),
    red: 'for the fold to reach the end of the log',
  },
  {
    name: 'failed-batch-comes-again',
    keeps: 'I10',
    file: 'libs/platform/src/kafka/batch-handler.ts',
    find: 'this.events.retry(followed);',
    put: '',
    test: conforming(
      'follow.int.spec.ts',
      'following a real broker tries a batch again whose handler threw, and lets the other partitions go on',
    ),
    red: 'for 240 entries handled',
  },
  {
    name: 'handlers-in-turns',
    keeps: 'I10',
    file: 'libs/platform/src/kafka/batch-handler.ts',
    find: 'await this.nextTurn();',
    put: '',
    test: {
      project: 'unit',
      path: 'libs/platform/src/kafka/batch-handler.spec.ts',
      name: 'handlers of several partitions begin in turns of the event loop of their own, so that heartbeats go out in between',
    },
    red: 'Received: 1',
  },
  {
    name: 'membership-has-its-time',
    keeps: 'I10',
    file: 'libs/platform/src/kafka/progress-watchdog.ts',
    find: 'if (isStuck && canReconnect && !partition.reconnectedFor) {',
    put: 'if (isStuck && !partition.reconnectedFor) {',
    test: {
      project: 'unit',
      path: 'libs/platform/src/kafka/progress-watchdog.spec.ts',
      name: 'a watchdog over many partitions that stand still ends a membership once it had its time, not one after the other for each of them',
    },
    red: 'Received length: 6',
  },
];
