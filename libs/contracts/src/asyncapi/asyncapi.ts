import { z } from 'zod';
import { auditFact } from '../audit';
import { billingRecord } from '../billing';
import { projectSnapshot } from '../catalogue';
import { customerSnapshot } from '../customers';
import { DECISION_ENTRY_TYPE, decisionRecorded } from '../decisions';
import { LOG_ENTRY_TYPE, logEntry } from '../log-entry';
import { keysUsed } from '../key-use';
import { instant } from '../names';
import { type JsonSchema, SchemaComponents } from '../openapi';
import { quotaAsk, quotaGrant } from '../quota';
import { tierSnapshot } from '../tiers';
import { topicConfigs, TOPICS, type TopicDeclaration } from '../topics';
import { quarantinedEntry } from '../usage-report';
import { VOID_ENTRY_TYPE, voidEntry } from '../void-entry';

const snapshot = z.union([projectSnapshot, tierSnapshot, customerSnapshot]);

interface MessageDeclaration {
  readonly message: string;
  readonly schema: z.ZodType;
  /** What `ce_type` may be; null: a message between our own services, which need not have it. */
  readonly types: readonly string[] | 'fact' | null;
}

/** The messages of each topic. */
const MESSAGES: Record<keyof typeof TOPICS, MessageDeclaration> = {
  usageEvents: {
    message: 'usageFact',
    schema: z.union([logEntry, voidEntry]),
    types: [LOG_ENTRY_TYPE, VOID_ENTRY_TYPE],
  },
  quotaAsks: { message: 'quotaAsk', schema: quotaAsk, types: null },
  quotaGrants: { message: 'quotaGrant', schema: quotaGrant, types: null },
  keysUsed: { message: 'keysUsed', schema: keysUsed, types: null },
  quotaDecisions: {
    message: 'decisionRecorded',
    schema: decisionRecorded,
    types: [DECISION_ENTRY_TYPE],
  },
  snapshots: {
    message: 'snapshot',
    schema: snapshot,
    types: ['project.snapshot.v1', 'tier.snapshot.v1', 'customer.snapshot.v1'],
  },
  facts: { message: 'auditFact', schema: auditFact, types: 'fact' },
  billingRecords: { message: 'billingRecord', schema: billingRecord, types: ['billing.record.v1'] },
  quarantine: {
    message: 'quarantinedEntry',
    schema: quarantinedEntry,
    types: ['usage.quarantined.v1'],
  },
};

const traceparent = z.string().meta({ description: 'W3C trace context, where the call had one.' });
const factType = z
  .string()
  .regex(/\.v1$/)
  .meta({ description: 'The `type` of the fact, and the version of its shape.' });

/** CloudEvents' attributes in Kafka's binary mode. */
function headersOf(types: MessageDeclaration['types']): z.ZodType {
  if (types === null) return z.looseObject({ traceparent: traceparent.optional() });
  return z.looseObject({
    ce_specversion: z.literal('1.0'),
    ce_id: z.string().meta({ description: 'Of what the value is about; a repeat has the same.' }),
    ce_type: types === 'fact' ? factType : z.enum(types),
    ce_source: z.string().meta({ description: 'Who reported it, or the service that wrote it.' }),
    ce_subject: z.string().meta({ description: 'Whom or what it is about.' }),
    ce_time: instant.meta({ description: 'When it happened; of usage, when the call was made.' }),
    'content-type': z.literal('application/json').optional(),
    traceparent: traceparent.optional(),
  });
}

/** The AsyncAPI 3.0 document of the topics, from TOPICS. */
export function asyncApiDocument(version: string): JsonSchema {
  const components = new SchemaComponents();
  const channels: JsonSchema = {};
  const operations: JsonSchema = {};
  const messages: JsonSchema = {};
  for (const [id, topic] of Object.entries(TOPICS)) {
    const { message, schema, types } = MESSAGES[id as keyof typeof TOPICS];
    const [payload, headers] = [schema, headersOf(types)].map((one) =>
      components.of(one, 'output'),
    );
    messages[message] = { ...messageOf(topic, message), headers, payload };
    channels[id] = channelOf(topic, message);
    operations[`read${capital(id)}`] = operationOf(id, message, topic);
  }
  return open({
    asyncapi: '3.0.0',
    info: {
      title: 'Tallyward',
      version,
      description: 'The topics of Tallyward: the log, the facts, the snapshots.',
    },
    defaultContentType: 'application/json',
    servers: { local: { host: 'localhost:9092', protocol: 'kafka' } },
    channels,
    operations,
    components: { messages, schemas: components.schemas },
  });
}

/** What a later version adds is no fault of an entry: its readers take what they know. */
function open(document: JsonSchema): JsonSchema {
  const text = JSON.stringify(document);
  return JSON.parse(text, (key, value: unknown) =>
    key === 'additionalProperties' && value === false ? undefined : value,
  ) as JsonSchema;
}

function messageOf(topic: TopicDeclaration, name: string): JsonSchema {
  return {
    name,
    summary: topic.purpose,
    contentType: 'application/json',
    bindings: { kafka: { key: { type: 'string', description: topic.key } } },
  };
}

function channelOf(topic: TopicDeclaration, message: string): JsonSchema {
  const configs = topicConfigs(topic);
  const settings = ['retention.ms', 'retention.bytes', 'max.message.bytes'].flatMap((name) =>
    configs[name] === undefined ? [] : [[name, Number(configs[name])] as const],
  );
  const kept = `Key: ${topic.key}. Kept: ${keptFor(topic)}. Written by ${topic.writer}.`;
  return {
    address: topic.name,
    description: `${topic.purpose} ${kept}`,
    messages: { [message]: { $ref: `#/components/messages/${message}` } },
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        topicConfiguration: {
          'cleanup.policy': [configs['cleanup.policy']],
          ...Object.fromEntries(settings),
        },
      },
    },
  };
}

function keptFor({ retention }: TopicDeclaration): string {
  if (retention === 'forever') return 'for ever';
  return retention === 'compacted' ? 'the latest of each key' : `${retention.days} days`;
}

function operationOf(channel: string, message: string, topic: TopicDeclaration): JsonSchema {
  return {
    action: 'receive',
    channel: { $ref: `#/channels/${channel}` },
    summary: `Read by ${topic.readers.join(', ')}.`,
    messages: [{ $ref: `#/channels/${channel}/messages/${message}` }],
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
