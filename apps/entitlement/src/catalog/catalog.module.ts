import { Module } from '@nestjs/common';
import { CatalogReader } from '../storage/catalog/catalog-reader';
import { ProjectStore } from '../storage/catalog/project-store';
import { UpkeepStore } from '../storage/catalog/upkeep-store';
import { CatalogService } from './catalog.service';
import { KeysController } from './keys.controller';
import { ModelsController } from './models.controller';
import { OperatorKey } from './operator-key';
import { ProjectsController } from './projects.controller';
import { SettingsController } from './settings.controller';
import { Upkeep } from './upkeep';

/** Projects, API keys, models, model groups and settings. */
@Module({
  controllers: [ProjectsController, KeysController, ModelsController, SettingsController],
  providers: [CatalogReader, ProjectStore, UpkeepStore, CatalogService, OperatorKey, Upkeep],
  exports: [ProjectStore, CatalogService, UpkeepStore],
})
export class CatalogModule {}
