// Runs one step of `npm test`: its output passes through, its end is told as counts.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Beyond this a step hangs: better a failure with its last lines than a job that never ends. */
export const STEP_MINUTES = 60;

const PATH = [join(process.cwd(), 'node_modules/.bin'), process.env.PATH].join(delimiter);
const environment = { ...process.env, PATH, NX_DAEMON: 'false', NX_TUI: 'false' };

/** Every run gets its own group, so that an end by force takes its children along. */
let running;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(name, () => {
    if (running) process.kill(-running.pid, name);
    process.exitCode = 1;
  });
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env: environment, detached: true });
    running = child;
    const late = setTimeout(() => {
      console.error(`\n${command} ${args.join(' ')}: still running after ${STEP_MINUTES} minutes`);
      process.kill(-child.pid, 'SIGKILL');
    }, STEP_MINUTES * 60_000);
    const end = (ok) => {
      clearTimeout(late);
      running = undefined;
      resolve(ok);
    };
    child.once('error', (error) => {
      console.error(error.message);
      end(false);
    });
    child.once('exit', (code) => end(code === 0));
  });
}

/** A check that passes or fails as a whole; a failed one counts as one failure. */
export async function check(command, args) {
  const ok = await run(command, args);
  return { passed: 0, failed: ok ? 0 : 1 };
}

/** A jest project; counts its tests, and a file that could not even run as one failure. */
export async function jest(project, more = []) {
  const folder = mkdtempSync(join(tmpdir(), 'tallyward-ci-'));
  const report = join(folder, 'report.json');
  try {
    const args = ['--selectProjects', project, '--json', `--outputFile=${report}`, ...more];
    const ok = await run('jest', args);
    return { ...counts(report, ok) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function counts(report, ok) {
  let read;
  try {
    read = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 }; // jest ended before it had anything to say
  }
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = read;
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  // A teardown that failed, or a file that left a process behind, is a failure without a test.
  return { passed: numPassedTests, failed: failed === 0 && !ok ? 1 : failed };
}
