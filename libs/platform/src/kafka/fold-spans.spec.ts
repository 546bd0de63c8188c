import { context, propagation, trace } from '@opentelemetry/api';
import { api, core, tracing } from '@opentelemetry/sdk-node';
import { BatchingAppender } from './appender';
import { Parcel } from './append-lane';
import { LogBatch, LogEntry } from './follow-types';
import { contextOf, foldSpan } from './fold-spans';

const spans = new tracing.InMemorySpanExporter();

function entryOf(offset: bigint, headers: Record<string, string>): LogEntry {
  return { offset, key: 'k', value: null, headers, appendedAt: 0 };
}

function batchOf(entries: LogEntry[]): LogBatch {
  return {
    topic: 'usage.v1',
    partition: 3,
    identity: 'c/t',
    from: 0n,
    entries,
    next: BigInt(entries.length),
    highWatermark: 9n,
    heartbeat: async () => undefined,
    isRevoked: () => false,
  };
}

/** Appends one entry in the current trace and gives the headers it left with. */
async function appendedHeaders(): Promise<Record<string, string>> {
  let headers: Record<string, string> | undefined;
  const send = (parcels: Parcel[]) => {
    headers = parcels[0]?.entries[0]?.message.headers;
    return { result: Promise.resolve([0n]), drop: () => undefined };
  };
  const appender = new BatchingAppender({
    sender: { send, close: () => undefined },
    countPartitions: async () => 1,
    partitions: { usage: 1 },
    limits: { lingerMs: 0 },
  });
  await appender.append('usage', [{ key: 'k', value: 'v', headers: { ce_id: '7' } }]);
  await appender.close();
  return headers ?? {};
}

describe('one trace from an append into the folds', () => {
  beforeAll(() => {
    const processors = [new tracing.SimpleSpanProcessor(spans)];
    const provider = new tracing.BasicTracerProvider({ spanProcessors: processors });
    api.trace.setGlobalTracerProvider(provider);
    propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  });

  afterAll(() => {
    trace.disable();
    propagation.disable();
  });

  afterEach(() => spans.reset());

  it('an entry carries the trace it was appended in, beside its own headers', async () => {
    const span = trace.getTracer('spec').startSpan('request');
    const manager = { active: () => trace.setSpan(context.active(), span) };
    const active = jest.spyOn(context, 'active').mockReturnValue(manager.active());
    const headers = await appendedHeaders();
    active.mockRestore();
    expect(headers['ce_id']).toBe('7');
    const found = trace.getSpanContext(contextOf(entryOf(0n, headers)));
    expect(found?.traceId).toBe(span.spanContext().traceId);
  });

  it('without a trace, an entry carries its own headers alone', async () => {
    expect(await appendedHeaders()).toEqual({ ce_id: '7' });
  });

  it('a fold leaves a span in the trace of each sampled entry, linked to its batch', async () => {
    const [trace1, trace2] = ['1'.repeat(32), '2'.repeat(32)];
    const entries = [
      entryOf(0n, { traceparent: `00-${trace1}-${'a'.repeat(16)}-01` }),
      entryOf(1n, { traceparent: `00-${trace2}-${'b'.repeat(16)}-00` }),
      entryOf(2n, {}),
      entryOf(3n, { traceparent: 'nonsense' }),
    ];
    await foldSpan(batchOf(entries), { batch: 'fold', entry: 'fold usage' }, async () => 1);
    const made = spans.getFinishedSpans();
    expect(made.map(({ name }) => name).sort()).toEqual(['fold', 'fold usage']);
    const batch = made.find(({ name }) => name === 'fold');
    const entry = made.find(({ name }) => name === 'fold usage');
    expect(entry?.spanContext().traceId).toBe(trace1);
    expect(entry?.links[0]?.context.spanId).toBe(batch?.spanContext().spanId);
    expect(entry?.attributes['messaging.kafka.offset']).toBe(0);
  });

  it('a fold that throws leaves no span of an entry, and its batch says why', async () => {
    const entries = [entryOf(0n, { traceparent: `00-${'1'.repeat(32)}-${'a'.repeat(16)}-01` })];
    const broken = foldSpan(batchOf(entries), { batch: 'fold', entry: 'e' }, async () => {
      throw new Error('away');
    });
    await expect(broken).rejects.toThrow('away');
    expect(spans.getFinishedSpans().map(({ name, status }) => [name, status.message])).toEqual([
      ['fold', 'Error: away'],
    ]);
  });
});
