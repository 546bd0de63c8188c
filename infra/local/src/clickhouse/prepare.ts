import type { Ask } from './ask';
import type { EngineConnection } from './chdb-engine';
import { failed } from './errors';
import { identifier, literal } from './sql-text';

/** Marks a query in the engine's list of running ones, so that exactly it can be cancelled. */
export const markOf = (requestId: string): string => `[tallyward:${requestId}]`;

/**
 * Database, settings and parameters of the request, on its own connection. They are set behind
 * the role and the read-only state, so the engine itself refuses what those do not allow.
 */
export async function prepare(connection: EngineConnection, ask: Ask, mark: string): Promise<void> {
  if (ask.database !== undefined) await connection.read(`USE ${identifier(ask.database)}`, 'TSV');
  const sets = [...ask.settings, ...ask.parameters].map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw failed(36, 'BAD_ARGUMENTS', `Invalid name of a query parameter: ${name}`);
    }
    return `${name} = ${literal(value)}`;
  });
  sets.push(`log_comment = ${literal(ask.logComment + mark)}`);
  await connection.read(`SET ${sets.join(', ')}`, 'TSV');
}
