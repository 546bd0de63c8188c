import { Module } from '@nestjs/common';
import { CatalogReader } from '../storage/catalog/catalog-reader';
import { KeyUseStore } from '../storage/catalog/key-use-store';
import { ProjectStore } from '../storage/catalog/project-store';
import { UpkeepStore } from '../storage/catalog/upkeep-store';
import { CatalogService } from './catalog.service';
import { KeyUseConsumer } from './key-use.consumer';
import { KeysController } from './keys.controller';
import { ModelsController } from './models.controller';
import { OperatorKey } from './operator-key';
import { ProjectsController } from './projects.controller';
import { SettingsController } from './settings.controller';
import { Upkeep } from './upkeep';

/** Projects, API keys, models, model groups and settings. */
@Module({
  controllers: [ProjectsController, KeysController, ModelsController, SettingsController],
  providers: [
    CatalogReader,
    ProjectStore,
    UpkeepStore,
    KeyUseStore,
    CatalogService,
    OperatorKey,
    Upkeep,
    KeyUseConsumer,
  ],
  exports: [ProjectStore, CatalogService, UpkeepStore],
})
export class CatalogModule {}
