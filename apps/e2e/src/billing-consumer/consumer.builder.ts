import { CHECKOUT } from '@tallyward/local';
import type { Testbed } from '@tallyward/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MAIN = join(CHECKOUT, 'apps/e2e/dist/billing-consumer/main.js');
const TOLD_CHARACTERS = 4_000;

/** The built program on a bed's engines, as a process that may be killed at any moment. */
export class ConsumerProcess {
  private readonly armed: string;
  private child: ChildProcess | undefined;
  private said = '';

  constructor(private readonly bed: Testbed) {
    this.armed = join(bed.directory, 'consumer.crash');
    this.arm('');
  }

  /** Where it dies next: `name#passing`; empty: nowhere. */
  arm(point: string): void {
    writeFileSync(this.armed, point);
    writeFileSync(`${this.armed}.deaths`, '');
  }

  start(): void {
    const { bed } = this;
    const env = {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'test',
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      TALLYWARD_CRASH_AT: `@${this.armed}`,
      TALLYWARD_KAFKA_BROKERS: bed.brokers.join(','),
      TALLYWARD_TOPIC_PREFIX: bed.namespace,
      TALLYWARD_INSTANCE: 'billing-consumer-1',
      BILLING_POSTGRES_URL: bed.postgres.admin,
    };
    this.child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const tell = (text: Buffer) => {
      this.said = (this.said + text.toString()).slice(-TOLD_CHARACTERS);
    };
    this.child.stdout?.on('data', tell);
    this.child.stderr?.on('data', tell);
  }

  /** Resolves with the signal that ended it; throws, with what it said, where it ended itself. */
  async ended(): Promise<string> {
    const { child } = this;
    if (!child) throw new Error('it was never started');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child.signalCode === null) throw new Error(`it ended with ${child.exitCode}: ${this.said}`);
    return child.signalCode;
  }

  isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** kill -9, wherever it is. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.ended();
  }

  async close(): Promise<void> {
    if (this.isRunning()) await this.kill();
  }
}
