/**
 * What the supervisor runs: one operating-system process with a way to tell that it is ready.
 * `ready` is polled and may fail; it must not take longer than a second by itself.
 */
export interface Program {
  /** As in `.local/processes.json` and the name of its log file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process; nothing is inherited but what stands here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** How it is asked to stop; SIGKILL follows after `stopWithinMs`. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT';
  readonly stopWithinMs?: number;
  readonly readyWithinMs?: number;
  /** False: what dies stays dead until it is started again by hand (tests). Default true. */
  readonly restarts?: boolean;
  /** Runs before every start, also before a restart. */
  prepare?(): Promise<void>;
  ready(): Promise<boolean>;
}

export const READY_WITHIN_MS = 45_000;
export const STOP_WITHIN_MS = 15_000;
