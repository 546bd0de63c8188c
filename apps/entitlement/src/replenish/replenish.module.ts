import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module';
import { CustomersModule } from '../customers/customers.module';
import { LeasesModule } from '../leases/leases.module';
import { ReplenishController } from './replenish.controller';
import { ReplenishService } from './replenish.service';

/** Gives customers more than their tier does, for now. */
@Module({
  imports: [CatalogModule, CustomersModule, LeasesModule],
  controllers: [ReplenishController],
  providers: [ReplenishService],
})
export class ReplenishModule {}
