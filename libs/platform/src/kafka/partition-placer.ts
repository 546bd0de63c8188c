import { reasonOf, withDeadline } from './deadline';
import { POSITION_DEADLINE_MS } from './follow-limits';
import { FollowOptions, StoredPosition, TopicIdentity } from './follow-types';
import { FollowedPartition } from './followed-partition';
import { GroupSession } from './group-session';
import { KafkaLogAdmin } from './log-admin';
import { LogFault } from './log-fault';
import { LogLogger } from './log-types';

export interface PartitionEvents {
  logger: LogLogger;
  onFatal(fault: LogFault): void;
  /** Ask the store and read again from there, after the back-off. */
  retry(partition: FollowedPartition): void;
}

interface Survey {
  identity: TopicIdentity;
  begin: Map<number, bigint>;
  end: Map<number, bigint>;
}

/**
 * Puts assigned partitions where the store says, once the log is seen to be the one the store
 * counted in.
 */
export class PartitionPlacer {
  constructor(
    private readonly admin: KafkaLogAdmin,
    private readonly follow: FollowOptions,
    private readonly events: PartitionEvents,
  ) {}

  async place(session: GroupSession, partitions: FollowedPartition[]): Promise<void> {
    const epochs = new Map(partitions.map((partition) => [partition, partition.epoch]));
    const isCurrent = (partition: FollowedPartition) =>
      partition.isOwned && partition.epoch === epochs.get(partition);
    const asked = await Promise.all(
      partitions.map(async (partition) => {
        try {
          // A handler of the last assignment may still commit: its place counts, so it goes first.
          await partition.running?.catch(() => undefined);
          const position = this.follow.position(partition.topic, partition.partition);
          const what = `asking for the position of ${partition.name}`;
          return { partition, stored: await withDeadline(position, POSITION_DEADLINE_MS, what) };
        } catch (error) {
          if (isCurrent(partition)) this.failed(partition, error);
          return undefined;
        }
      }),
    );
    const placed = asked.filter((answer) => answer !== undefined);
    const surveys = await this.survey(new Set(placed.map(({ partition }) => partition.topic)));
    for (const { partition, stored } of placed) {
      if (!isCurrent(partition)) continue;
      const survey = surveys.get(partition.topic);
      if (survey instanceof Error || !survey) {
        this.failed(partition, survey);
        continue;
      }
      const fault = faultOf(partition, stored, survey);
      if (fault) return this.events.onFatal(fault);
      partition.identity = survey.identity;
      partition.end = survey.end.get(partition.partition) ?? 0n;
      partition.next = stored.next;
      session.resumeAt(partition.topic, partition.partition, stored.next);
    }
  }

  /**
   * After the positions were asked for: another member may have moved them, never past this end.
   */
  private async survey(topics: Set<string>): Promise<Map<string, Survey | Error>> {
    const surveys = new Map<string, Survey | Error>();
    for (const topic of topics) {
      try {
        const identity = await this.admin.topicIdentity(topic);
        const begin = await this.admin.beginOffsets(topic);
        surveys.set(topic, { identity, begin, end: await this.admin.endOffsets(topic) });
      } catch (error) {
        surveys.set(topic, error instanceof Error ? error : new Error(String(error)));
      }
    }
    return surveys;
  }

  private failed(partition: FollowedPartition, error: unknown): void {
    if (error instanceof LogFault && error.code === 'topic-missing') {
      return this.events.onFatal(error);
    }
    const reason = `no position: ${reasonOf(error)}`;
    partition.failed(reason, performance.now());
    this.events.logger.warn({ partition: partition.name, reason }, 'partition waits');
    this.events.retry(partition);
  }
}

function faultOf(
  { name, partition }: FollowedPartition,
  stored: StoredPosition,
  survey: Survey,
): LogFault | undefined {
  if (stored.identity !== null && stored.identity !== survey.identity) {
    const message = `${name} is ${survey.identity}; the store counted in ${stored.identity}`;
    return new LogFault('topic-made-anew', message);
  }
  const begin = survey.begin.get(partition) ?? 0n;
  if (begin > stored.next) {
    const message = `${name} begins at ${begin}: ${stored.next} and on are lost to retention`;
    return new LogFault('lost-to-retention', message);
  }
  const end = survey.end.get(partition) ?? 0n;
  if (stored.next > end) {
    const message = `${name} ends at ${end}, but the store says ${stored.next}`;
    return new LogFault('position-past-end', message);
  }
  return undefined;
}
