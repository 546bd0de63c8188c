import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Log } from '@tallyward/platform';
import { EntitlementEvents } from '../events';
import { LOG_PORT, RELAY } from '../resources';
import { OutboxRelay } from './outbox-relay';
import { SnapshotGuard } from './snapshot-guard';
import { SnapshotMender } from './snapshot-mender';

/** Where the relay's own session goes, and what to do when it can't go on. */
export interface RelayPlace {
  readonly postgresUrl: string;
  readonly instance: string;
  readonly onFatal: (error: unknown) => void;
}

/** Runs the outbox relay, and, while it is the active one, the guard of what it publishes. */
@Injectable()
export class Publisher implements OnApplicationBootstrap, OnModuleDestroy {
  private relay: OutboxRelay | undefined;

  constructor(
    @Inject(LOG_PORT) private readonly log: Log,
    @Inject(RELAY) private readonly place: RelayPlace,
    private readonly mender: SnapshotMender,
    private readonly events: EntitlementEvents,
  ) {}

  onApplicationBootstrap(): void {
    const { log, events, mender, place } = this;
    const { onFatal } = place;
    this.relay = new OutboxRelay({
      ...place,
      log,
      events,
      onActive: (signal) => {
        void new SnapshotGuard({ log, mender, events, onFatal }, signal).run();
      },
    });
    this.relay.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.relay?.stop();
  }
}
