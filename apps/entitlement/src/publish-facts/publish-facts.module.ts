import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module';
import { OutboxWatch } from './outbox-watch';
import { Publisher } from './publisher';
import { SnapshotMender } from './snapshot-mender';

/** Publishes facts, snapshots and quarantine from the outbox. */
@Module({ imports: [CatalogModule], providers: [Publisher, SnapshotMender, OutboxWatch] })
export class PublishFactsModule {}
