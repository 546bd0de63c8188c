import { metrics } from '@opentelemetry/api';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How finely the event loop's delay is measured. */
const EVENT_LOOP_RESOLUTION_MS = 10;
const SECONDS_PER_MICROSECOND = 1e-6;
const SECONDS_PER_NANOSECOND = 1e-9;

/** Memory, processor time and event-loop delay (since the last scrape); answers how to stop. */
export function observeProcess(): () => void {
  const meter = metrics.getMeter('tallyward-process');
  const delay = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  delay.enable();
  const rss = meter.createObservableGauge('process_resident_memory_bytes', {
    description: 'Resident memory',
  });
  const heap = meter.createObservableGauge('process_heap_used_bytes', {
    description: 'JavaScript heap in use',
  });
  const cpu = meter.createObservableCounter('process_cpu_seconds_total', {
    description: 'Processor time, user and system',
  });
  const lag = meter.createObservableGauge('process_event_loop_delay_p99_seconds', {
    description: 'Event-loop delay, 99th percentile since the last scrape',
  });
  meter.addBatchObservableCallback(
    (observed) => {
      const memory = process.memoryUsage();
      const used = process.cpuUsage();
      observed.observe(rss, memory.rss);
      observed.observe(heap, memory.heapUsed);
      observed.observe(cpu, (used.user + used.system) * SECONDS_PER_MICROSECOND);
      const p99 = delay.percentile(99) * SECONDS_PER_NANOSECOND;
      observed.observe(lag, p99);
      delay.reset();
    },
    [rss, heap, cpu, lag],
  );
  return () => {
    delay.disable();
  };
}
