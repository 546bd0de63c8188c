import { tracing } from '@opentelemetry/sdk-node';
import { appendFileSync, statSync } from 'node:fs';

/** Largest trace file; further spans are dropped. */
export const MAX_TRACE_FILE_BYTES = 67_108_864;
const EXPORT_OK = 0;

/**
 * One finished span, as a line of the trace file. Instants in epoch nanoseconds as decimal
 * strings.
 */
export type SpanLine = {
  readonly service: string;
  readonly instance: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly start: string;
  readonly end: string;
  readonly status: number;
  readonly attributes: Record<string, unknown>;
  readonly links: { readonly traceId: string; readonly spanId: string }[];
};

type Span = tracing.ReadableSpan;

const nanoseconds = ([seconds, rest]: [number, number]): string =>
  (BigInt(seconds) * 1_000_000_000n + BigInt(rest)).toString();

/** Writes each span as a JSON line as soon as it ends: for tests, which read the file. */
export class SpanFile implements tracing.SpanExporter {
  private bytes: number;

  constructor(
    private readonly path: string,
    private readonly origin: { service: string; instance: string },
  ) {
    this.bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  export(spans: Span[], done: (result: { code: number }) => void): void {
    const text = spans.map((span) => `${JSON.stringify(this.lineOf(span))}\n`).join('');
    this.bytes += Buffer.byteLength(text);
    if (this.bytes <= MAX_TRACE_FILE_BYTES) appendFileSync(this.path, text);
    done({ code: EXPORT_OK });
  }

  async shutdown(): Promise<void> {}

  private lineOf(span: Span): SpanLine {
    const { traceId, spanId } = span.spanContext();
    return {
      ...this.origin,
      name: span.name,
      kind: span.kind,
      traceId,
      spanId,
      parentSpanId: span.parentSpanContext?.spanId ?? null,
      start: nanoseconds(span.startTime),
      end: nanoseconds(span.endTime),
      status: span.status.code,
      attributes: { ...span.attributes },
      links: span.links.map(({ context }) => ({
        traceId: context.traceId,
        spanId: context.spanId,
      })),
    };
  }
}
