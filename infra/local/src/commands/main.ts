/** `npm run reconcile`, `npm run rebuild`: finds the local engines and runs the app's command. */
import { addressesOf, keepSecrets, readSettings } from '../engines';
import { COMMANDS, runCommand, type CommandName } from './run-command';

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  if (!COMMANDS.includes(name as CommandName)) throw new Error(`one of ${COMMANDS.join(', ')}`);
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
