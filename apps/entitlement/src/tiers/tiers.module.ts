import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module';
import { TierReader } from '../storage/tiers/tier-reader';
import { TiersController } from './tiers.controller';
import { TiersService } from './tiers.service';

/** Usage tiers and their versions. */
@Module({
  imports: [CatalogModule],
  controllers: [TiersController],
  providers: [TierReader, TiersService],
})
export class TiersModule {}
