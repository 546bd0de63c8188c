import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseApiKey } from '@tallyward/contracts';
import { writeAtomically } from '../supervisor';
import { BadSettings } from './settings';

const KEY_ID_CHARS = 16;
const SECRET_CHARS = 43;
const SMALL = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ALL = `${SMALL}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;

export const operatorKeyPath = (directory: string): string => join(directory, 'admin-key');

/** The operator's key: from the environment, else kept in `admin-key`, undefined before that. */
export function findOperatorKey(directory: string, env: NodeJS.ProcessEnv): string | undefined {
  const given = env.TALLYWARD_OPERATOR_KEY?.trim();
  if (given) return checked(given, 'TALLYWARD_OPERATOR_KEY');
  const path = operatorKeyPath(directory);
  return existsSync(path) ? checked(readFileSync(path, 'utf8').trim(), path) : undefined;
}

/** Makes the key once; a key from the environment is written down nowhere. */
export function keepOperatorKey(directory: string, env: NodeJS.ProcessEnv): string {
  const found = findOperatorKey(directory, env);
  if (found) return found;
  const key = `tw_${pick(SMALL, KEY_ID_CHARS)}_${pick(ALL, SECRET_CHARS)}`;
  mkdirSync(directory, { recursive: true });
  writeAtomically(operatorKeyPath(directory), `${key}\n`, 0o600);
  return key;
}

function checked(key: string, where: string): string {
  if (parseApiKey(key)) return key;
  throw new BadSettings(
    `${where} holds no key: it must be tw_, ${KEY_ID_CHARS} of a-z0-9, _, ${SECRET_CHARS} of A-Za-z0-9.`,
  );
}

const pick = (from: string, count: number): string =>
  Array.from({ length: count }, () => from[randomInt(from.length)]).join('');
