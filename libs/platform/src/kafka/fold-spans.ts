import {
  Context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { LogBatch, LogEntry } from './follow-types';

/** Spans of single entries one batch may make; a batch with more is sampled too generously. */
export const MAX_ENTRY_SPANS = 500;

/** The trace an entry was appended in, as append() left it in the headers. */
export function contextOf(entry: LogEntry): Context {
  return propagation.extract(ROOT_CONTEXT, entry.headers);
}

/**
 * Runs `fold` in a span of the batch's own, and leaves a span named `entryName` in the trace of
 * each entry that was
 * sampled: one trace then runs from the request into every fold. The library's own instrumentation
 * can't: one
 * request to the broker carries entries of many traces.
 */
export async function foldSpan<T>(
  batch: LogBatch,
  name: { batch: string; entry: string },
  fold: () => Promise<T>,
): Promise<T> {
  const tracer = trace.getTracer('tallyward.log');
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.destination.name': batch.topic,
    'messaging.destination.partition.id': String(batch.partition),
    'messaging.batch.message_count': batch.entries.length,
  };
  const options = { kind: SpanKind.CONSUMER, attributes, root: true };
  return tracer.startActiveSpan(name.batch, options, async (span) => {
    const startTime = Date.now();
    try {
      const folded = await fold();
      const links = [{ context: span.spanContext() }];
      let left = MAX_ENTRY_SPANS;
      for (const entry of batch.entries) {
        if (left === 0) break;
        const parent = sampledContext(entry);
        if (!parent) continue;
        left -= 1;
        const place = { ...attributes, 'messaging.kafka.offset': Number(entry.offset) };
        const made = { kind: SpanKind.CONSUMER, attributes: place, links, startTime };
        tracer.startSpan(name.entry, made, parent).end();
      }
      return folded;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

function sampledContext(entry: LogEntry): Context | undefined {
  if (entry.headers['traceparent'] === undefined) return undefined;
  const context = contextOf(entry);
  const found = trace.getSpanContext(context);
  if (!found || !isSpanContextValid(found)) return undefined;
  return (found.traceFlags & TraceFlags.SAMPLED) !== 0 ? context : undefined;
}
