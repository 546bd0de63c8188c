import type { Logger } from 'typeorm';

/** What TypeORM would write to the console, past our own lines: only what went wrong is told. */
export class TypeormWords implements Logger {
  constructor(private readonly tell: (message: string) => void) {}

  logMigration(message: string): void {
    if (message.includes(' failed, error: ')) this.tell(message);
  }

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level === 'warn') this.tell(String(message));
  }

  // A failing query throws, and whoever asked tells of it; statements may hold what is no log's
  // business.
  logQuery(): void {}
  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
}
