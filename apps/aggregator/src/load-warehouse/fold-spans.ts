import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
} from '@opentelemetry/api';
import type { LogBatch } from '@tallyward/platform';

/** Entries of one batch whose own trace gets a span; the rest of a sampled burst goes without. */
export const MAX_ENTRY_SPANS = 200;
const SAMPLED = /-0[13579bdf]$/;

const tracer = trace.getTracer('tallyward-warehouse');

/**
 * One span for the batch and, in the trace of each sampled entry, one `fold usage.recorded`:
 * so a request's trace runs from the gateway through the log to ClickHouse.
 */
export function inFoldSpan(batch: LogBatch, work: () => Promise<void>): Promise<void> {
  const { topic, partition, entries } = batch;
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(partition),
    'messaging.batch.message_count': entries.length,
    'tallyward.fold': 'warehouse',
  };
  return tracer.startActiveSpan(
    'fold batch',
    { kind: SpanKind.CONSUMER, attributes },
    async (span) => {
      const spans = [span, ...entrySpans(batch)];
      try {
        await work();
      } catch (error) {
        for (const failed of spans) failed.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        for (const ended of spans) ended.end();
      }
    },
  );
}

function entrySpans({ partition, entries }: LogBatch): Span[] {
  const spans: Span[] = [];
  for (const { headers, offset } of entries) {
    if (!SAMPLED.test(headers['traceparent'] ?? '')) continue;
    const parent = propagation.extract(ROOT_CONTEXT, headers);
    const attributes = {
      'tallyward.fold': 'warehouse',
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.offset': Number(offset),
    };
    const links = trace.getSpanContext(context.active());
    const options = {
      kind: SpanKind.CONSUMER,
      attributes,
      links: links ? [{ context: links }] : [],
    };
    spans.push(tracer.startSpan('fold usage.recorded', options, parent));
    if (spans.length === MAX_ENTRY_SPANS) break;
  }
  return spans;
}
