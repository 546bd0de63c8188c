import { Parser } from '@asyncapi/parser';
import { TOPICS } from '../topics';
import { asyncApiDocument } from './asyncapi';

const ERROR = 0;
const faults = async (document: unknown) => {
  const { diagnostics } = await new Parser().parse(JSON.stringify(document));
  return diagnostics.filter((each) => Number(each.severity) === ERROR).map((each) => each.message);
};

describe('the AsyncAPI document', () => {
  const document = asyncApiDocument('0.1.0');

  it('is valid AsyncAPI 3.0', async () => {
    expect(await faults(document)).toEqual([]);
  });

  it('is checked by a parser that finds faults', async () => {
    const channels = { usage: { messages: { gone: { $ref: '#/components/messages/gone' } } } };
    expect(await faults({ ...document, channels })).not.toEqual([]);
  });

  it('has every topic with its address and partitions', () => {
    const channels = Object.values(
      document['channels'] as Record<
        string,
        { address: string; bindings: { kafka: { partitions: number } } }
      >,
    ).map(({ address, bindings }) => [address, bindings.kafka.partitions]);
    expect(channels).toEqual(Object.values(TOPICS).map((topic) => [topic.name, topic.partitions]));
  });
});
