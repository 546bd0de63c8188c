import { ROLES, type UserName } from './access';
import type { Ask } from './ask';
import type { EngineConnection } from './chdb-engine';
import { failed } from './errors';
import { identifier, literal } from './sql-text';

/** Marks a query in the engine's list of running ones, so that exactly it can be cancelled. */
export const markOf = (requestId: string): string => `[tallyward:${requestId}]`;

/**
 * Role, database, settings and parameters of the request, on its own connection. They are set
 * behind the read-only state, so the engine itself refuses what that does not allow.
 */
export async function prepare(
  connection: EngineConnection,
  user: UserName,
  ask: Ask,
  mark: string,
): Promise<void> {
  const statements = [`SET ROLE ${ROLES[user]}`];
  if (ask.database !== undefined) statements.push(`USE ${identifier(ask.database)}`);
  const sets = [...ask.settings, ...ask.parameters].map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw failed(36, 'BAD_ARGUMENTS', `Invalid name of a query parameter: ${name}`);
    }
    return `${name} = ${literal(value)}`;
  });
  sets.push(`log_comment = ${literal(ask.logComment + mark)}`);
  statements.push(`SET ${sets.join(', ')}`);
  await connection.read(statements.join('; '), 'TSV');
}
