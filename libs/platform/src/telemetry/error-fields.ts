import { stdSerializers } from 'pino';

/**
 * What a line shows of an error: its kind, message, stack (causes included) and code. Never its
 * other fields: stores put statements, parameters and whole rows there.
 */
export function errorFields(error: unknown): unknown {
  const { type, message, stack, code } = stdSerializers.err(error as Error) as {
    readonly type?: string;
    readonly message?: string;
    readonly stack?: string;
    readonly code?: unknown;
  };
  if (stack === undefined) return error;
  return { type, message, stack, ...(code === undefined ? {} : { code }) };
}
