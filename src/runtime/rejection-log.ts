import type { Logger } from 'pino';
import { minuteMs } from '../base/time.ts';
import type { Rejection } from '../wire/rejection.ts';

/**
 * Logs dropped frames, each reason at most once a minute with how many were dropped since: a wrong secret or a foreign
 * cluster must show on both sides, and a flood must not fill the disk.
 */
export function rejectionLog(logger: Pick<Logger, 'warn'>, nowMs: () => number = () => performance.now()) {
  const told = new Map<string, { atMs: number; dropped: number }>();
  return ({ reason, detail }: Rejection, from: string): void => {
    const last = told.get(reason);
    if (last !== undefined && nowMs() - last.atMs < minuteMs) {
      last.dropped++;
      return;
    }
    told.set(reason, { atMs: nowMs(), dropped: 0 });
    const facts = { event: 'rejected', reason, detail, from, droppedSince: last?.dropped ?? 0 };
    logger.warn(facts, `dropped a frame from ${from}: ${reason}`);
  };
}
