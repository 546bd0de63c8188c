import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module';
import { CustomerReader } from '../storage/customers/customer-reader';
import { CustomerStore } from '../storage/customers/customer-store';
import { CustomersController } from './customers.controller';
import { CustomersService } from './customers.service';

/** Customers and the tiers they have. */
@Module({
  imports: [CatalogModule],
  controllers: [CustomersController],
  providers: [CustomerStore, CustomerReader, CustomersService],
  exports: [CustomerReader, CustomerStore],
})
export class CustomersModule {}
