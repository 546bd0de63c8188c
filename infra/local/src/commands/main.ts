/** `npm run reconcile`, `npm run rebuild`: finds the local engines and runs the app's command. */
import { addressesOf, keepSecrets, readSettings } from '../engines';
import { COMMANDS, runCommand, type CommandName } from './run-command';

const FOLDS = ['totals', 'warehouse'];

function explainRebuild(args: readonly string[]): void {
  const asked = args.includes('--help') || args.includes('-h');
  const usage = `Usage: npm run rebuild -- ${FOLDS.join('|')} [--json] [--help]\n
Folds the log again into fresh tables, compares them with the live ones, and swaps.\n`;
  (asked ? process.stdout : process.stderr).write(usage);
  process.exitCode = asked ? 0 : 2;
}

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  if (!COMMANDS.includes(name as CommandName)) throw new Error(`one of ${COMMANDS.join(', ')}`);
  if (name === 'rebuild' && !FOLDS.includes(args[0] ?? '')) return explainRebuild(args);
  const env = process.env;
  const settings = readSettings(env);
  const secrets = keepSecrets(settings.directory, env);
  const addresses = addressesOf({ settings, secrets, env, say: () => undefined });
  const stack = { settings, secrets, addresses, env, operatorKey: '' };
  const { code } = await runCommand(stack, name as CommandName, args, false);
  process.exitCode = code;
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
});
