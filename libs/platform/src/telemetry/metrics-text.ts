import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Metrics in Prometheus' text format, answered by whoever serves /metrics: no server of its own.
 */
export function prometheusMetrics() {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  const text = async (): Promise<{ contentType: string; body: string }> => {
    const { resourceMetrics } = await reader.collect();
    return { contentType: CONTENT_TYPE, body: serializer.serialize(resourceMetrics) };
  };
  return { reader, text };
}
