import { Controller, Get } from '@nestjs/common';
import { progressAnswer } from '../load-warehouse/progress.controller';
import { DecisionsProgress } from './decisions-progress';

/** For who waits until the warehouse has what the decision log has. */
@Controller('internal/decisions')
export class DecisionsProgressController {
  constructor(private readonly progress: DecisionsProgress) {}

  @Get('progress')
  read() {
    return progressAnswer(this.progress);
  }
}
