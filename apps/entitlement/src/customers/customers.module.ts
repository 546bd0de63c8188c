import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module';
import { LeasesModule } from '../leases/leases.module';
import { CustomerLimits } from '../storage/customers/customer-limits';
import { CustomerReader } from '../storage/customers/customer-reader';
import { CustomerStore } from '../storage/customers/customer-store';
import { CustomersController } from './customers.controller';
import { CustomersService } from './customers.service';

/** Customers and the tiers they have. */
@Module({
  imports: [CatalogModule, LeasesModule],
  controllers: [CustomersController],
  providers: [CustomerLimits, CustomerStore, CustomerReader, CustomersService],
  exports: [CustomerReader, CustomerStore],
})
export class CustomersModule {}
