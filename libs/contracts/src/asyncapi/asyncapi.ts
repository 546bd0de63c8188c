import { z } from 'zod';
import { auditFact } from '../audit';
import { billingRecord } from '../billing';
import { projectSnapshot } from '../catalogue';
import { customerSnapshot } from '../customers';
import { decisionRecorded } from '../decisions';
import { logEntry } from '../log-entry';
import { type JsonSchema, SchemaComponents } from '../openapi';
import { quotaAsk, quotaGrant } from '../quota';
import { tierSnapshot } from '../tiers';
import { TOPICS, type TopicDeclaration } from '../topics';
import { quarantinedEntry } from '../usage-report';

const snapshot = z.union([projectSnapshot, tierSnapshot, customerSnapshot]);

/** The value of each topic's messages. */
const VALUES: Record<keyof typeof TOPICS, { message: string; schema: z.ZodType }> = {
  usageEvents: { message: 'usageRecorded', schema: logEntry },
  quotaAsks: { message: 'quotaAsk', schema: quotaAsk },
  quotaGrants: { message: 'quotaGrant', schema: quotaGrant },
  quotaDecisions: { message: 'decisionRecorded', schema: decisionRecorded },
  snapshots: { message: 'snapshot', schema: snapshot },
  facts: { message: 'auditFact', schema: auditFact },
  billingRecords: { message: 'billingRecord', schema: billingRecord },
  quarantine: { message: 'quarantinedEntry', schema: quarantinedEntry },
};

const eventHeaders = z.looseObject({
  ce_specversion: z.literal('1.0').optional(),
  ce_id: z.string(),
  ce_type: z.string(),
  ce_source: z.string(),
  ce_subject: z.string(),
  ce_time: z.string(),
  traceparent: z.string().optional(),
});

/** The AsyncAPI 3.0 document of the topics, from TOPICS. */
export function asyncApiDocument(version: string): JsonSchema {
  const components = new SchemaComponents();
  const channels: JsonSchema = {};
  const operations: JsonSchema = {};
  const messages: JsonSchema = {};
  for (const [id, topic] of Object.entries(TOPICS)) {
    const { message, schema } = VALUES[id as keyof typeof TOPICS];
    messages[message] = messageOf(topic, message, components.of(schema, 'output'), components);
    channels[id] = channelOf(topic, message);
    operations[`read${capital(id)}`] = operationOf(id, message, topic);
  }
  return {
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
  };
}

function messageOf(
  topic: TopicDeclaration,
  name: string,
  payload: JsonSchema,
  components: SchemaComponents,
): JsonSchema {
  return {
    name,
    summary: topic.purpose,
    contentType: 'application/json',
    headers: components.of(eventHeaders, 'output'),
    payload,
    bindings: { kafka: { key: { type: 'string', description: topic.key } } },
  };
}

function channelOf(topic: TopicDeclaration, message: string): JsonSchema {
  return {
    address: topic.name,
    description: `${topic.purpose} Key: ${topic.key}. Written by ${topic.writer}.`,
    messages: { [message]: { $ref: `#/components/messages/${message}` } },
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        topicConfiguration: {
          'cleanup.policy': [topic.retention === 'compacted' ? 'compact' : 'delete'],
        },
      },
    },
  };
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
