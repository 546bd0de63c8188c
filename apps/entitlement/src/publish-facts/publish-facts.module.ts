import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module';
import { BesideStore } from '../storage/customers/beside-store';
import { OutboxWatch } from './outbox-watch';
import { Publisher } from './publisher';
import { SnapshotMender } from './snapshot-mender';

/** Publishes facts, snapshots and quarantine from the outbox. */
@Module({
  imports: [CatalogModule],
  providers: [Publisher, SnapshotMender, BesideStore, OutboxWatch],
})
export class PublishFactsModule {}
