import type { LoggerService } from '@nestjs/common';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { Logger as NestPinoLogger, PinoLogger } from 'nestjs-pino';
import { type DestinationStream, type Logger, destination, pino, stdTimeFunctions } from 'pino';
import { errorFields } from './error-fields';
import { maskSecrets } from './mask';

/**
 * Bytes of log kept while standard output is slow; beyond, lines are dropped rather than memory
 * grown.
 */
export const LOG_BUFFER_BYTES = 4_194_304;

/** Pino's logger: JSON lines, one object and one message each. */
export type ServiceLogger = Logger;

export type LoggerOptions = {
  readonly service: string;
  readonly instance: string;
  readonly level: string;
  /**
   * Values that must not be seen whatever field or text they stand in: internal secret,
   * passwords.
   */
  readonly secrets?: readonly string[];
  /** For tests; else standard output. */
  readonly to?: { write(line: string): void };
};

/** Shorter literals would mask ordinary words. */
const SHORTEST_LITERAL = 8;

/**
 * The process's log. Lines carry service, instance, and the trace and span they were written in.
 */
export function createLogger(options: LoggerOptions): ServiceLogger {
  const secrets = (options.secrets ?? []).filter((secret) => secret.length >= SHORTEST_LITERAL);
  const to = options.to ?? standardOutput();
  const masking: DestinationStream = { write: (line) => to.write(maskSecrets(line, secrets)) };
  return pino(
    {
      level: options.level,
      base: { service: options.service, instance: options.instance },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      mixin: spanFields,
      serializers: { err: errorFields },
    },
    masking,
  );
}

let output: ReturnType<typeof destination> | undefined;

function standardOutput() {
  output ??= destination({ fd: 1, sync: false, maxLength: LOG_BUFFER_BYTES });
  return output;
}

/** Writes what is buffered before the process ends. */
export function flushLogger(): void {
  try {
    output?.flushSync();
  } catch {
    // Nobody reads standard output any more, or nothing was written yet: nowhere left to say so.
  }
}

function spanFields(): Record<string, string> {
  const span = trace.getActiveSpan()?.spanContext();
  if (span === undefined || !isSpanContextValid(span)) return {};
  return { traceId: span.traceId, spanId: span.spanId };
}

/** Nest's lines about each module and route it sets up. */
const SETUP_CONTEXTS = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

class QuietLogger extends NestPinoLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (!SETUP_CONTEXTS.has(String(rest.at(-1)))) super.log(message, ...rest);
  }
}

/** Nest's own logger (`new Logger('Name')` of @nestjs/common) on top of ours. */
export function nestLogger(log: ServiceLogger): LoggerService {
  const params = { pinoHttp: { logger: log } };
  return new QuietLogger(new PinoLogger(params), params);
}
