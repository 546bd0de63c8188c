export { bigintAsNumber, integerAsBigint } from './columns';
export {
  constraintOf,
  isCheckViolation,
  isConnectionLoss,
  isForeignKeyViolation,
  isLockTimeout,
  isSerializationFailure,
  isStatementTimeout,
  isUniqueViolation,
} from './errors';
export { type PostgresOptions, openPostgres } from './open-postgres';
export { type TransactionOptions, inTransaction } from './transaction';
