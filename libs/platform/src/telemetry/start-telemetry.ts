import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { NodeSDK, core, metrics, resources, tracing } from '@opentelemetry/sdk-node';
import { prometheusMetrics } from './metrics-text';
import { observeProcess } from './process-metrics';
import { SpanFile } from './span-file';

/** Most spans waiting for the collector; beyond, spans are dropped. */
export const SPAN_QUEUE = 4_096;
export const SPAN_BATCH = 512;
export const SPAN_EXPORT_EVERY_MS = 2_000;
export const SPAN_EXPORT_DEADLINE_MS = 5_000;
/** How long the last spans may take to leave when the process stops. */
export const TELEMETRY_STOP_DEADLINE_MS = 3_000;

export type TelemetryOptions = {
  readonly service: string;
  readonly instance: string;
  /** Base address of an OTLP collector; unset: nothing is sent. */
  readonly otlpEndpoint?: string | undefined;
  /** Spans also go to this file as JSON lines. */
  readonly traceFile?: string | undefined;
  /** Share of the traces begun here that is recorded, 0…1; a caller's own decision is kept. */
  readonly traceRatio: number;
};

export type Telemetry = {
  /** The text of /metrics. */
  metricsText(): Promise<{ contentType: string; body: string }>;
  stop(): Promise<void>;
};

const QUIET_PATHS = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Starts traces and metrics for the process: call it first thing in `main`, before an HTTP server
 * or a Postgres pool is made. Without endpoint and file no span is recorded, but trace ids still
 * pass through.
 */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const prometheus = prometheusMetrics();
  const sdk = new NodeSDK({
    serviceName: options.service,
    resource: resources.resourceFromAttributes({ 'service.instance.id': options.instance }),
    autoDetectResources: false,
    textMapPropagator: new core.W3CTraceContextPropagator(),
    sampler: new tracing.ParentBasedSampler({
      root: new tracing.TraceIdRatioBasedSampler(options.traceRatio),
    }),
    spanProcessors: spanProcessors(options),
    logRecordProcessors: [],
    metricReaders: [prometheus.reader],
    views: views(),
    instrumentations: instrumentations(),
  });
  sdk.start();
  // The instrumentation patches a module when it is next required: http most likely already was.
  for (const name of ['http', 'https']) module.require(name);
  const stopObserving = observeProcess();
  return {
    metricsText: prometheus.text,
    stop: async () => {
      stopObserving();
      await within(TELEMETRY_STOP_DEADLINE_MS, sdk.shutdown());
    },
  };
}

function spanProcessors(options: TelemetryOptions): tracing.SpanProcessor[] {
  const processors: tracing.SpanProcessor[] = [];
  if (options.otlpEndpoint !== undefined) {
    const exporter = new OTLPTraceExporter({
      url: `${options.otlpEndpoint.replace(/\/+$/, '')}/v1/traces`,
      timeoutMillis: SPAN_EXPORT_DEADLINE_MS,
    });
    processors.push(
      new tracing.BatchSpanProcessor(exporter, {
        maxQueueSize: SPAN_QUEUE,
        maxExportBatchSize: SPAN_BATCH,
        scheduledDelayMillis: SPAN_EXPORT_EVERY_MS,
        exportTimeoutMillis: SPAN_EXPORT_DEADLINE_MS,
      }),
    );
  }
  if (options.traceFile !== undefined)
    processors.push(new tracing.SimpleSpanProcessor(new SpanFile(options.traceFile, options)));
  return processors;
}

function instrumentations() {
  return [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: ({ url }) => QUIET_PATHS.has(url?.split('?', 1)[0] ?? ''),
      // Pings and polls of our own are no part of anybody's request.
      requireParentforOutgoingSpans: true,
    }),
    new PgInstrumentation({ requireParentSpan: true }),
  ];
}

/** The instrumentations' names have no unit, and labels that a client could fill at will. */
function views(): metrics.ViewOptions[] {
  const labels = ['http.request.method', 'http.route', 'http.response.status_code'];
  return [
    {
      instrumentName: 'http.server.request.duration',
      name: 'http_server_request_duration_seconds',
      attributesProcessors: [metrics.createAllowListAttributesProcessor(labels)],
    },
    ...['http.client.request.duration', 'db.client.*'].map((instrumentName) => ({
      instrumentName,
      aggregation: { type: metrics.AggregationType.DROP } as const,
    })),
  ];
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  // A collector that is away must not keep the process from ending.
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
