import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import { type Log } from '@tallyward/platform';
import { KeyUse } from './access/key-use';
import { ProjectSnapshots } from './access/project-snapshots';
import { SnapshotFeed } from './access/snapshot-feed';
import { Snapshots } from './access/snapshots';
import { DecideController } from './decide/decide.controller';
import { DECIDE_PROVIDERS } from './decide/decide.providers';
import { DocumentsController } from './documents/documents.controller';
import { GatewayEvents } from './events';
import { HoldsController } from './holds/holds.controller';
import { HOLD_PROVIDERS } from './holds/holds.providers';
import { BodyBudget } from './record-usage/body-budget';
import { INGEST_LIMITS, type IngestLimits } from './record-usage/ingest-limits';
import { KeepUsage } from './record-usage/keep-usage';
import { RecordUsageController } from './record-usage/record-usage.controller';
import { RecordUsage } from './record-usage/record-usage.service';
import { UsageLog } from './record-usage/usage-log';
import { LOG_PORT } from './resources';
import { UsageTrail } from './holds/usage-trail';
import { SessionController } from './session/session.controller';
import { ChangeFeed } from './stream/change-feed';
import { StreamController } from './stream/stream.controller';
import { SystemController } from './system/system.controller';
import { SystemWatch } from './system/system-watch';
import { TokensController } from './tokens/tokens.controller';
import { VoidEventsController } from './void-events/void-events.controller';
import { VoidEvents } from './void-events/void-events.service';

/** The gateway: what it keeps in memory, and the routes that it answers itself. */
@Module({})
export class AppModule {
  static with(resources: Provider[], limits: IngestLimits = INGEST_LIMITS): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        RecordUsageController,
        VoidEventsController,
        DecideController,
        HoldsController,
        SessionController,
        TokensController,
        StreamController,
        SystemController,
        DocumentsController,
      ],
      providers: [
        ...resources,
        GatewayEvents,
        ProjectSnapshots,
        {
          provide: Snapshots,
          useFactory: (projects: ProjectSnapshots) => new Snapshots(projects),
          inject: [ProjectSnapshots],
        },
        SnapshotFeed,
        KeyUse,
        ChangeFeed,
        SystemWatch,
        ...DECIDE_PROVIDERS,
        ...HOLD_PROVIDERS,
        { provide: BodyBudget, useValue: new BodyBudget(limits) },
        { provide: UsageLog, useFactory: (log: Log) => usageLog(log, limits), inject: [LOG_PORT] },
        {
          provide: KeepUsage,
          useFactory: (log: UsageLog, events: GatewayEvents) =>
            new KeepUsage(log, events, limits.retryAfterSeconds),
          inject: [UsageLog, GatewayEvents],
        },
        {
          provide: RecordUsage,
          useFactory: (usage: KeepUsage, events: GatewayEvents) => new RecordUsage(usage, events),
          inject: [KeepUsage, GatewayEvents],
        },
        {
          provide: VoidEvents,
          useFactory: (usage: KeepUsage, trail: UsageTrail, events: GatewayEvents) =>
            new VoidEvents(usage, trail, events),
          inject: [KeepUsage, UsageTrail, GatewayEvents],
        },
      ],
    };
  }
}

function usageLog(log: Log, limits: IngestLimits): UsageLog {
  const { name, partitions } = TOPICS.usageEvents;
  return new UsageLog(log.appender({ partitions: { [name]: partitions } }), limits);
}
