import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module';
import { CustomersModule } from '../customers/customers.module';
import { EntitlementsModule } from '../entitlements/entitlements.module';
import { ReplenishController } from './replenish.controller';
import { ReplenishService } from './replenish.service';

/** Gives customers more than their tier does, for now. */
@Module({
  imports: [CatalogModule, CustomersModule, EntitlementsModule],
  controllers: [ReplenishController],
  providers: [ReplenishService],
})
export class ReplenishModule {}
