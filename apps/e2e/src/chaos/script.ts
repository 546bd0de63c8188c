import { execFile } from 'node:child_process';

const DEADLINE_MS = 300_000;
const OUTPUT_BYTES = 64 * 1024 * 1024;

export interface ScriptEnd {
  /** -1: ended by a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function runScript(
  path: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ScriptEnd> {
  const limits = { timeout: DEADLINE_MS, maxBuffer: OUTPUT_BYTES };
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], { env, ...limits }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}
