import { z } from 'zod';
import { environmentField } from './fields';

/** Default share of traces begun here that is recorded; a caller's own decision is kept. */
export const DEFAULT_TRACE_RATIO = 0.01;

/** What every service reads; a service extends it with its own addresses. */
export const serviceEnvironment = z.object({
  TALLYWARD_BIND: z
    .string()
    .regex(/^[0-9A-Za-z.:_-]{1,253}$/)
    .default('127.0.0.1')
    .describe('set it to the address to listen on, as 127.0.0.1 or 0.0.0.0'),
  TALLYWARD_HTTP_PORT: environmentField.port(),
  TALLYWARD_KAFKA_BROKERS: environmentField.hostList(),
  /** Put before every topic's name: lets tests share one Kafka. */
  TALLYWARD_TOPIC_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{0,100}$/)
    .default('')
    .describe('leave it out, or set it to letters, digits, dots and dashes'),
  TALLYWARD_INSTANCE: environmentField.name(),
  TALLYWARD_LOG_LEVEL: environmentField
    .oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent')
    .default('info'),
  TALLYWARD_INTERNAL_SECRET: environmentField.secret(),
  OTEL_EXPORTER_OTLP_ENDPOINT: environmentField.url('http:', 'https:').optional(),
  TALLYWARD_TRACE_FILE: environmentField.path().optional(),
  TALLYWARD_TRACE_RATIO: environmentField.ratio().default(DEFAULT_TRACE_RATIO),
});
export type ServiceEnvironment = z.output<typeof serviceEnvironment>;
