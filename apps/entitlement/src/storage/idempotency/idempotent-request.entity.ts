import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A management request with an Idempotency-Key that was carried out, and what it answered. */
@Entity({ name: 'idempotent_request' })
export class IdempotentRequestRow {
  /** SHA-256 over project, method, path and the key: none of them is kept. */
  @PrimaryColumn({ type: 'bytea', name: 'request_id' })
  requestId!: Buffer;

  @Column({ type: 'bytea', name: 'body_hash' })
  bodyHash!: Buffer;

  /** Sealed: an answer may hold an API key. Null only inside the transaction that makes it. */
  @Column({ type: 'bytea', nullable: true })
  answer!: Buffer | null;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;
}
