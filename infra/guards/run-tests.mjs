// Runs named tests in the scratch copy, and says of each whether it ran and how it ended.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { run } from './processes.mjs';

/** Beyond this a run hangs. */
const ONE_MINUTES = 5;
const CONTROL_MINUTES = 15;

export const keyOf = ({ path, name }) => `${path} › ${name}`;

/**
 * Runs tests of one project. Answers by `keyOf` what became of each, and why: `green`, `red`, or
 * `did not run`, which a file that does not load and a name that nothing has come to as well.
 */
export async function runTests(root, tests, env) {
  const report = join(root, 'tmp', 'report.json');
  rmSync(report, { force: true });
  const paths = [...new Set(tests.map(({ path }) => path))];
  const names = tests.map(({ name }) => name.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const options = ['--json', `--outputFile=${report}`, '--forceExit', '--silent'];
  const chosen = ['--selectProjects', tests[0].project, `--testNamePattern=^(${names.join('|')})$`];
  const minutes = tests.length > 1 ? CONTROL_MINUTES : ONE_MINUTES;
  const ended = await run(
    process.execPath,
    [jest, ...options, ...chosen, '--runTestsByPath', ...paths],
    { cwd: root, env, withinMs: minutes * 60_000 },
  );
  const read = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  const why = ended.late ? `still running after ${minutes} minutes` : ended.output;
  return new Map(tests.map((test) => [keyOf(test), verdictOf(test, root, read, why)]));
}

function verdictOf({ path, name }, root, report, output) {
  if (!report) return { kind: 'did not run', why: output };
  const file = report.testResults.find((one) => one.name === join(root, path));
  if (!file) return { kind: 'did not run', why: `jest found no ${path}` };
  const ran = file.assertionResults.filter(
    (one) => one.fullName === name && ['passed', 'failed'].includes(one.status),
  );
  if (ran.length === 0) return { kind: 'did not run', why: file.message || 'no test of that name' };
  if (ran.length > 1) return { kind: 'did not run', why: `${ran.length} tests have that name` };
  const [{ status, failureMessages }] = ran;
  return status === 'passed'
    ? { kind: 'green', why: '' }
    : { kind: 'red', why: stripVTControlCharacters(failureMessages.join('\n')) };
}
