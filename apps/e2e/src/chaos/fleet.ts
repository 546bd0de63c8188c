import { freePort, Supervisor, type EngineName } from '@tallyward/local';
import { openLog, type Log } from '@tallyward/platform';
import { testbed, Trap, until, type Testbed } from '@tallyward/testing';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Member } from './member';
import { runScript, type ScriptEnd } from '../script.builder';

export const GATEWAYS = 2;
const FOLDED_WITHIN_MS = 180_000;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export type MemberName = 'entitlement' | 'aggregator' | 'gateway-1' | 'gateway-2';
export const MEMBERS: readonly MemberName[] = [
  'entitlement',
  'aggregator',
  'gateway-1',
  'gateway-2',
];

export interface Project {
  readonly project: string;
  readonly key: string;
}

/** Engines and services of one run: what dies is started again, as in production. */
export class Fleet {
  readonly projects: Project[] = [];
  readonly log: Log;
  /** Of the command that is run next. */
  readonly commandTrap: Trap;
  private closing: Promise<void> | undefined;

  private constructor(
    readonly bed: Testbed,
    private readonly members: ReadonlyMap<MemberName, Member>,
    private readonly services: Supervisor,
  ) {
    const { brokers, namespace } = bed;
    this.commandTrap = new Trap(join(bed.directory, 'trap-command'));
    this.log = openLog({ brokers: [...brokers], clientId: 'chaos', namespace, logger: quiet });
  }

  /** On engines of its own, unless others are to be shared: those can't be killed. */
  static async start(
    say: (line: string) => void,
    own: readonly EngineName[] = ['kafka', 'postgres', 'clickhouse'],
  ): Promise<Fleet> {
    const bed = await testbed({ own });
    try {
      return await Fleet.in(bed, say);
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  private static async in(bed: Testbed, say: (line: string) => void): Promise<Fleet> {
    const services = new Supervisor({ directory: join(bed.directory, 'services'), say });
    const operatorKey = `tw_${randomBytes(8).toString('hex')}_${randomBytes(22).toString('hex').slice(1)}`;
    const [entitlementPort, aggregatorPort, ...gatewayPorts] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const member = (name: MemberName, port: number, env: Record<string, string>) =>
      new Member(services, bed, { name, port, env });
    const behind = {
      TALLYWARD_ENTITLEMENT_URL: `http://127.0.0.1:${entitlementPort}`,
      TALLYWARD_AGGREGATOR_URL: `http://127.0.0.1:${aggregatorPort}`,
    };
    const members = new Map<MemberName, Member>([
      [
        'entitlement',
        member('entitlement', entitlementPort, {
          TALLYWARD_OPERATOR_KEY: operatorKey,
        }),
      ],
      ['aggregator', member('aggregator', aggregatorPort, {})],
      ['gateway-1', member('gateway-1', gatewayPorts[0] ?? 0, behind)],
      ['gateway-2', member('gateway-2', gatewayPorts[1] ?? 0, behind)],
    ]);
    const fleet = new Fleet(bed, members, services);
    try {
      await Promise.all([...members.values()].map((one) => one.start()));
      fleet.projects.push({ project: 'demo', key: operatorKey });
      fleet.projects.push(await fleet.anotherProject());
      return fleet;
    } catch (error) {
      await fleet.closeServices();
      throw error;
    }
  }

  get gateways(): readonly string[] {
    return [this.member('gateway-1').url, this.member('gateway-2').url];
  }

  /** They stay the same as long as no gateway is started again. */
  gatewayPids(): string {
    return [this.member('gateway-1').pid, this.member('gateway-2').pid].join();
  }

  member(name: MemberName): Member {
    const found = this.members.get(name);
    if (!found) throw new Error(`no ${name}`);
    return found;
  }

  /** Resolves when both folds have what the log has now. */
  folded(): Promise<void> {
    const [entitlement, aggregator] = [this.member('entitlement'), this.member('aggregator')];
    const services = { entitlementUrl: entitlement.url, aggregatorUrl: aggregator.url };
    return this.bed.drained(FOLDED_WITHIN_MS, services);
  }

  /** Runs a command of the product; it dies where `commandTrap` is set. */
  script(path: string, args: readonly string[]): Promise<ScriptEnd> {
    return runScript(this.bed, path, args, this.commandTrap.environment());
  }

  /** Once, also where a run ends and is broken off. */
  close(): Promise<void> {
    this.closing ??= this.log.close().then(() => this.closeServices());
    return this.closing;
  }

  private async closeServices(): Promise<void> {
    await this.services.stop();
    await this.bed.close();
  }

  private async anotherProject(): Promise<Project> {
    const answer = await until(
      async () => {
        const made = await fetch(`${this.gateways[0]}/v1/projects`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${this.projects[0]?.key}`,
            'content-type': 'application/json',
            'idempotency-key': 'chaos-second-project',
          },
          body: JSON.stringify({ name: 'Chaos' }),
        });
        return made.status === 201 ? ((await made.json()) as Project) : null;
      },
      { what: 'a second project', withinMs: 30_000 },
    );
    return { project: answer.project, key: answer.key };
  }
}
