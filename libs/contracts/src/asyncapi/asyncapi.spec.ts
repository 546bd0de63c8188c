import { Parser } from '@asyncapi/parser';
import Ajv2020 from 'ajv/dist/2020';
import { topicConfigs, TOPICS, type TopicDeclaration } from '../topics';
import { asyncApiDocument } from './asyncapi';

interface Channel {
  readonly address: string;
  readonly description: string;
  readonly bindings: {
    readonly kafka: {
      readonly partitions: number;
      readonly topicConfiguration: Readonly<Record<string, unknown>>;
    };
  };
}

const RECORD = {
  recordId: '0f343b0931126a20f133d67c2b018a3b',
  revision: 0,
  project: 'demo',
  customer: 'acme',
  tier: { name: 'Professional', version: 3 },
  period: { from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z', timeZone: 'UTC' },
  modelGroup: 'premium',
  model: 'gpt-4.1',
  unit: 'tokens',
  quantity: 118_230,
  included: 100_000,
  overage: 18_230,
  delta: 118_230,
  includedDelta: 100_000,
  overageDelta: 18_230,
  events: 412,
  proof: '0123456789abcdef0123456789abcdef',
  closedAt: '2026-11-01T01:00:00.000Z',
};

const ERROR = 0;
const faults = async (document: unknown) => {
  const { diagnostics } = await new Parser().parse(JSON.stringify(document));
  return diagnostics.filter((each) => Number(each.severity) === ERROR).map((each) => each.message);
};

describe('the AsyncAPI document', () => {
  const document = asyncApiDocument('0.1.0');
  const channels = Object.values(document['channels'] as Record<string, Channel>);
  const validatorOf = (part: string) => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'asyncapi.json');
    return ajv.compile({ $ref: `asyncapi.json#/components/messages/${part}` });
  };

  it('is valid AsyncAPI 3.0', async () => {
    expect(await faults(document)).toEqual([]);
  });

  it('is checked by a parser that finds faults', async () => {
    const channels = { usage: { messages: { gone: { $ref: '#/components/messages/gone' } } } };
    expect(await faults({ ...document, channels })).not.toEqual([]);
  });

  it('has every topic with its address and partitions', () => {
    const found = channels.map(({ address, bindings }) => [address, bindings.kafka.partitions]);
    expect(found).toEqual(Object.values(TOPICS).map((topic) => [topic.name, topic.partitions]));
  });

  it('says of each topic how long it keeps what, as the broker is told', () => {
    for (const { address, description, bindings } of channels) {
      const topic = Object.values(TOPICS).find(({ name }) => name === address) as TopicDeclaration;
      const { 'retention.ms': retention, 'cleanup.policy': policy } = topicConfigs(topic);
      expect(bindings.kafka.topicConfiguration['cleanup.policy']).toEqual([policy]);
      expect(String(bindings.kafka.topicConfiguration['retention.ms'])).toBe(String(retention));
      expect(description).toContain(`Key: ${topic.key}. Kept: `);
    }
  });

  it('has a schema of billing records that any JSON Schema validator goes by', () => {
    const isRecord = validatorOf('billingRecord/payload');
    expect([isRecord(RECORD), isRecord.errors]).toEqual([true, null]);
    expect(isRecord({ ...RECORD, fieldOfALaterVersion: 1 })).toBe(true);
    for (const wrong of [
      { quantity: '118230' },
      { delta: 1.5 },
      { unit: 'euros' },
      { proof: '' },
    ]) {
      expect(isRecord({ ...RECORD, ...wrong })).toBe(false);
    }
    const { delta: _, ...incomplete } = RECORD;
    expect(isRecord(incomplete)).toBe(false);
  });

  it('tells the headers of a billing record', () => {
    const areHeaders = validatorOf('billingRecord/headers');
    const headers = {
      ce_specversion: '1.0',
      ce_id: 'r',
      ce_type: 'billing.record.v1',
      ce_source: 'tallyward/aggregator',
      ce_subject: 'acme',
      ce_time: '2026-11-01T01:00:00.000Z',
    };
    expect(areHeaders(headers)).toBe(true);
    expect(areHeaders({ ...headers, ce_type: 'usage.recorded.v1' })).toBe(false);
  });
});
