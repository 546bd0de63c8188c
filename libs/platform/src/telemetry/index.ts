export {
  type ServiceLogger,
  type LoggerOptions,
  createLogger,
  flushLogger,
  nestLogger,
} from './logger';
export { MASK, maskSecrets } from './mask';
export { type RunningService, STOP_DEADLINE_MS, fatal, runService } from './run-service';
export { MAX_TRACE_FILE_BYTES, type SpanLine } from './span-file';
export { type Telemetry, type TelemetryOptions, startTelemetry } from './start-telemetry';
