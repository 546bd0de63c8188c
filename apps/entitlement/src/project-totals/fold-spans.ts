import {
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { LogBatch } from '@tallyward/platform';

const tracer = trace.getTracer('tallyward.totals');
/** W3C trace context: version, trace, parent, flags; the last bit of the flags says "sampled". */
const SAMPLED = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f][13579bdf]$/;
/** Spans of single entries one batch may make; a batch of more is sampled too generously. */
const MAX_ENTRY_SPANS = 500;

/** Runs a batch in a span of its own, and leaves one in the trace of each sampled entry. */
export async function inBatchSpan<T>(batch: LogBatch, work: () => Promise<T>): Promise<T> {
  const { topic, partition, entries } = batch;
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(partition),
    'messaging.batch.message_count': entries.length,
  };
  const options = { kind: SpanKind.CONSUMER, attributes, root: true };
  return tracer.startActiveSpan('fold totals', options, async (span) => {
    const started = Date.now();
    try {
      const answer = await work();
      if (span.isRecording()) spanEntries(batch, span, started);
      return answer;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

function spanEntries({ topic, partition, entries }: LogBatch, batch: Span, started: number): void {
  const links = [{ context: batch.spanContext() }];
  let left = MAX_ENTRY_SPANS;
  for (const { offset, headers } of entries) {
    if (!SAMPLED.test(headers.traceparent ?? '')) continue;
    if (left-- === 0) return;
    const attributes = {
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.offset': Number(offset),
      'tallyward.fold': 'totals',
    };
    const parent = propagation.extract(ROOT_CONTEXT, headers);
    const options = { kind: SpanKind.CONSUMER, attributes, links, startTime: started };
    tracer.startSpan('fold usage.recorded', options, parent).end();
  }
}
