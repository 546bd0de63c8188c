import { propagation, trace } from '@opentelemetry/api';
import { core, tracing } from '@opentelemetry/sdk-node';
import { batchOf, rawEntry } from './fold.builder';
import { inBatchSpan } from './fold-spans';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const parent = (flags: string) => ({ traceparent: `00-${TRACE}-${PARENT}-${flags}` });

describe('the spans of a fold', () => {
  const exporter = new tracing.InMemorySpanExporter();

  beforeAll(() => {
    const processor = new tracing.SimpleSpanProcessor(exporter);
    trace.setGlobalTracerProvider(new tracing.BasicTracerProvider({ spanProcessors: [processor] }));
    propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  });

  beforeEach(() => exporter.reset());

  afterAll(() => {
    trace.disable();
    propagation.disable();
  });

  it('one for the batch, and one in the trace of each sampled entry, linked to it', async () => {
    const entries = [
      rawEntry({ offset: 4n, headers: parent('01') }),
      rawEntry({ offset: 5n, headers: parent('00') }),
      rawEntry({ offset: 6n, headers: { traceparent: 'nonsense' } }),
      rawEntry({ offset: 7n }),
    ];
    expect(await inBatchSpan(batchOf(2, entries), async () => 'folded')).toBe('folded');
    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ name }) => name)).toEqual(['fold usage.recorded', 'fold totals']);
    const [one, batch] = spans;
    expect(one?.spanContext().traceId).toBe(TRACE);
    expect(one?.parentSpanContext?.spanId).toBe(PARENT);
    expect(one?.attributes).toMatchObject({
      'messaging.kafka.offset': 4,
      'tallyward.fold': 'totals',
    });
    expect(one?.links.map(({ context }) => context)).toEqual([batch?.spanContext()]);
    expect(batch?.parentSpanContext).toBeUndefined();
    expect(batch?.attributes).toMatchObject({ 'messaging.batch.message_count': 4 });
  });

  it('a batch that failed says so, and claims nothing of its entries', async () => {
    const batch = batchOf(2, [rawEntry({ offset: 4n, headers: parent('01') })]);
    const failing = inBatchSpan(batch, () => Promise.reject(new Error('Postgres is away')));
    await expect(failing).rejects.toThrow('Postgres is away');
    expect(exporter.getFinishedSpans().map(({ name, status }) => [name, status.message])).toEqual([
      ['fold totals', 'Error: Postgres is away'],
    ]);
  });
});
