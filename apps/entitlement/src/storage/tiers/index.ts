import { TierVersionRow } from './tier-version.entity';
import { CreateTiers1795450000000 } from './tiers.migration';

export const TIER_ENTITIES = [TierVersionRow];
export const TIER_MIGRATIONS = [CreateTiers1795450000000];
