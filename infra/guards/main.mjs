// `npm run guards`: takes each guard of the table out of a copy of the checkout, and requires that
// the test which is to miss it goes red, for the reason the table gives.
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compileAll } from './compile.mjs';
import { GUARDS } from './guards.mjs';
import { takeOut, withoutGuard } from './patch.mjs';
import { endAll, Interrupted, nobodyLeftIn } from './processes.mjs';
import { controlTable, resultTable, secondsSince } from './report.mjs';
import { keyOf, runTests } from './run-tests.mjs';
import { makeScratch } from './scratch.mjs';

const CHECKOUT = resolve(import.meta.dirname, '../..');
const USAGE = `npm run guards [-- NAME ...] [--check]

Takes guards out of a copy of the checkout, one at a time, and runs the test of each: all must go red.
NAME     these guards only
--check  only looks whether every guard of the table stands in its file, once
--why    prints what each failure says, also where the table expects it
--keep   leaves the copy where it is, and says where
--head   copies the last commit, not the files as they stand (others may be at work on them)

Guards:
`;

/** The guards that were asked for, and how; ends the program where there are none such. */
function asked() {
  const list = GUARDS.map(({ name }) => `  ${name}`).join('\n');
  let read;
  try {
    const flag = { type: 'boolean', default: false };
    const options = { help: flag, check: flag, why: flag, keep: flag, head: flag };
    read = parseArgs({ allowPositionals: true, options });
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}${list}`);
    process.exit(2);
  }
  const { values, positionals } = read;
  if (values.help) {
    console.log(`${USAGE}${list}`);
    process.exit(0);
  }
  const unknown = positionals.filter((name) => !GUARDS.some((guard) => guard.name === name));
  if (unknown.length > 0) {
    console.error(`There is no guard named ${unknown.join(', ')}. There are:\n${list}`);
    process.exit(2);
  }
  const isChosen = ({ name }) => positionals.length === 0 || positionals.includes(name);
  return { chosen: GUARDS.filter(isChosen), ...values };
}

/** Whether every guard stands where the table says; what does not is told at once. */
function allInPlace(guards, root) {
  const names = new Set(guards.map(({ name }) => name));
  const faults = names.size < guards.length ? ['Two guards have one name.'] : [];
  for (const guard of guards) {
    try {
      withoutGuard(guard, readFileSync(join(root, guard.file), 'utf8'));
    } catch (error) {
      faults.push(error.message);
    }
  }
  for (const fault of faults) console.error(fault);
  return faults.length === 0;
}

/** Engines for all runs, from the copy's own code; undefined where no test asks for them. */
async function bringUpEngines(root, guards) {
  if (guards.every(({ test }) => test.project === 'unit')) return undefined;
  const shared = join(root, 'libs/testing/dist/testbed/shared-engines.js');
  const engines = createRequire(import.meta.url)(shared);
  await engines.enginesUp();
  return engines;
}

/** With all guards in: a test that is red now would prove nothing. */
async function control(root, guards, env) {
  const verdicts = new Map();
  for (const project of ['unit', 'integration', 'e2e']) {
    const tests = guards.map(({ test }) => test).filter((test) => test.project === project);
    if (tests.length === 0) continue;
    const from = Date.now();
    for (const [key, verdict] of await runTests(root, tests, env)) verdicts.set(key, verdict);
    console.log(`with every guard in: ${project}, ${secondsSince(from)} s`);
  }
  return guards
    .filter(({ test }) => verdicts.get(keyOf(test)).kind !== 'green')
    .map((guard) => {
      return { guard, verdict: verdicts.get(keyOf(guard.test)) };
    });
}

/** Red counts where the failure says what the table expects of it: anything else may be chance. */
async function without(root, guard, env) {
  const from = Date.now();
  const putBack = takeOut(root, guard);
  try {
    const verdict = (await runTests(root, [guard.test], env)).get(keyOf(guard.test));
    const isMissed = verdict.kind === 'red' && verdict.why.includes(guard.red);
    const kind = verdict.kind === 'red' && !isMissed ? 'red otherwise' : verdict.kind;
    return { guard, kind, isMissed, why: verdict.why, seconds: secondsSince(from) };
  } finally {
    putBack();
  }
}

async function inScratch(root, guards, alwaysWhy) {
  const env = { ...process.env, TMPDIR: join(root, 'tmp'), CI: 'true', FORCE_COLOR: '0' };
  process.env.TMPDIR = env.TMPDIR;
  let from = Date.now();
  compileAll(root);
  console.log(`the copy is built, ${secondsSince(from)} s`);
  from = Date.now();
  const engines = await bringUpEngines(root, guards);
  try {
    if (engines) console.log(`the engines are up, ${secondsSince(from)} s`);
    Object.assign(env, { TALLYWARD_TESTBED: process.env.TALLYWARD_TESTBED });
    const faulty = await control(root, guards, env);
    if (faulty.length > 0) {
      console.log(controlTable(faulty));
      return false;
    }
    const results = [];
    for (const guard of guards) {
      const result = await without(root, guard, env);
      results.push(result);
      const place = `[${results.length}/${guards.length}]`;
      const { kind, isMissed, why, seconds } = result;
      console.log(`${place} without "${guard.name}": ${kind}, ${seconds} s`);
      if (!isMissed || alwaysWhy) console.log(why);
    }
    console.log(`\n${resultTable(results)}`);
    return results.every(({ isMissed }) => isMissed);
  } finally {
    await endAll();
    await engines?.enginesDown();
  }
}

async function main() {
  const { chosen, check, keep, head, why } = asked();
  if (check) {
    const isFine = allInPlace(chosen, CHECKOUT);
    if (isFine) console.log(`${chosen.length} guards stand where the table says`);
    return isFine;
  }
  const from = Date.now();
  const root = makeScratch({ head });
  // The run below then fails, and cleans up behind itself.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => void endAll());
  try {
    if (!allInPlace(chosen, root)) return false;
    const isFine = await inScratch(root, chosen, why);
    console.log(`${chosen.length} guards, ${secondsSince(from)} s`);
    return isFine;
  } finally {
    await nobodyLeftIn(root);
    if (keep) console.log(`the copy is in ${root}`);
    else rmSync(root, { recursive: true, force: true });
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Interrupted ? 'interrupted; nothing is left behind' : error);
  process.exitCode = 1;
}
// Clients of the engines may still hold the loop.
process.exit();
