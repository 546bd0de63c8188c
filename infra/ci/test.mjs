// `npm test`: format, workspace, lint and boundaries, guards, types, console, unit, integration, end to end, in this order.
// The last line is `N passed, N failed`: the tests, and each failed check as one failure.
import { check, jest } from './steps.mjs';

const steps = [
  ['format', () => check('prettier', ['--check', '--log-level', 'warn', '.'])],
  ['workspace', () => check('nx', ['sync:check'])],
  ['lint and boundaries', () => check('eslint', ['.', '--max-warnings', '0'])],
  // Here only that each still stands where `npm run guards` will take it out.
  ['guards', () => check('node', ['infra/guards/main.mjs', '--check'])],
  ['types', () => check('tsc', ['-b'])],
  ['console', () => check('npm', ['run', '-s', 'console'])],
  ['unit', () => jest('unit')],
  ['integration', () => jest('integration')],
  // One after the other: each runs whole services and engines of its own on two cores.
  ['end to end', () => jest('e2e', ['--maxWorkers=1'])],
];

const asked = process.argv.slice(2);
const names = steps.map(([name]) => name);
if (asked.includes('--help') || asked.some((name) => !names.includes(name))) {
  console.log(`npm test [-- STEP ...]\n\nSteps, all by default: ${names.join(', ')}`);
  process.exit(asked.includes('--help') ? 0 : 2);
}

const total = { passed: 0, failed: 0 };
const chosen = steps.filter(([name]) => asked.length === 0 || asked.includes(name));
for (const [i, [name, step]] of chosen.entries()) {
  const from = Date.now();
  console.log(`\n[${i + 1}/${chosen.length}] ${name}`);
  const { passed, failed } = await step();
  total.passed += passed;
  total.failed += failed;
  const seconds = ((Date.now() - from) / 1_000).toFixed(0);
  const tests = passed > 0 ? `${passed} tests, ` : '';
  console.log(
    `[${i + 1}/${chosen.length}] ${name}: ${failed ? 'FAILED' : 'ok'}, ${tests}${seconds} s`,
  );
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || process.exitCode ? 1 : 0;
