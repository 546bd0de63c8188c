import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { AuditModule } from './audit/audit.module';
import { CatalogModule } from './catalog/catalog.module';
import { CustomersModule } from './customers/customers.module';
import { EntitlementsModule } from './entitlements/entitlements.module';
import { EntitlementEvents } from './events';
import { LeasesModule } from './leases/leases.module';
import { ProjectTotalsModule } from './project-totals/project-totals.module';
import { PublishFactsModule } from './publish-facts/publish-facts.module';
import { QuarantineModule } from './quarantine/quarantine.module';
import { ReplenishModule } from './replenish/replenish.module';
import { SystemModule } from './system/system.module';
import { TiersModule } from './tiers/tiers.module';

/** What the process gives to every module; see resources.ts for the tokens. */
export type Resources = { readonly provide: unknown; readonly useValue: unknown }[];

@Global()
@Module({})
class ResourcesModule {}

/** The service: each slice is a module of its own; a new slice is added to `imports`. */
@Module({})
export class AppModule {
  static with(resources: Resources): DynamicModule {
    const providers = [...resources, EntitlementEvents] as Provider[];
    return {
      module: AppModule,
      imports: [
        { module: ResourcesModule, providers, exports: providers },
        CatalogModule,
        PublishFactsModule,
        QuarantineModule,
        ProjectTotalsModule,
        LeasesModule,
        TiersModule,
        CustomersModule,
        EntitlementsModule,
        ReplenishModule,
        AuditModule,
        SystemModule,
      ],
    };
  }
}
