import type { Scope, Settings } from '@tallyward/contracts';
import { bigintAsNumber } from '@tallyward/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Written by ProjectStore alone, in the transaction of a change and under this row's lock. */
@Entity({ name: 'project' })
export class ProjectRow {
  @PrimaryColumn({ type: 'text' })
  project!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  version!: number;

  @Column({ type: 'jsonb' })
  settings!: Settings;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}

@Entity({ name: 'api_key' })
export class ApiKeyRow {
  @PrimaryColumn({ type: 'text', name: 'key_id' })
  keyId!: string;

  @Column({ type: 'text' })
  project!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', array: true })
  scopes!: Scope[];

  /** SHA-256 of the secret, hex: the secret itself is nowhere. */
  @Column({ type: 'text' })
  hash!: string;

  @Column({ type: 'boolean' })
  operator!: boolean;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt!: Date | null;
}

@Entity({ name: 'model_group' })
export class ModelGroupRow {
  @PrimaryColumn({ type: 'text' })
  project!: string;

  @PrimaryColumn({ type: 'text', name: 'model_group' })
  group!: string;

  /** Null: nobody chose one, the first by name it is. */
  @Column({ type: 'text', name: 'default_model', nullable: true })
  defaultModel!: string | null;
}

@Entity({ name: 'model' })
export class ModelRow {
  @PrimaryColumn({ type: 'text' })
  project!: string;

  @PrimaryColumn({ type: 'text' })
  model!: string;

  @Column({ type: 'text', name: 'model_group' })
  group!: string;
}

/** Append-only: a trigger refuses to change or delete what stands. */
@Entity({ name: 'audit_fact' })
export class AuditFactRow {
  @PrimaryColumn({ type: 'uuid', name: 'fact_id' })
  factId!: string;

  @Column({ type: 'text' })
  project!: string;

  /** The project's version that the change made. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  version!: number;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  type!: string;

  @Column({ type: 'text' })
  actor!: string;

  @Column({ type: 'text' })
  subject!: string;

  @Column({ type: 'jsonb', nullable: true })
  before!: object | null;

  @Column({ type: 'jsonb', nullable: true })
  after!: object | null;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  /** Whose it is, where it is a customer's. */
  @Column({ type: 'text', nullable: true })
  customer!: string | null;

  /** The tiers it is about. */
  @Column({ type: 'text', array: true })
  tiers!: string[];
}
