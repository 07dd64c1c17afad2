import { drainedMode, overloadedMode } from '../gossip/application-state.ts';

/**
 * How a member means to serve: `overloaded` late, `drained` not any more, `restarting` not until it is back or its lease is
 * over.
 */
export type MemberMode = 'ok' | 'overloaded' | 'drained' | 'restarting';

/** Reads a gossiped `MODE`; `wallMs` is the reader's clock. What is not understood, and a lease that is over, is `ok`. */
export function memberModeOf(text: string | null, wallMs: number): MemberMode {
  if (text === drainedMode) return 'drained';
  if (text === overloadedMode) return 'overloaded';
  const [, untilMs] = /^RESTARTING,(\d{1,15})$/.exec(text ?? '') ?? [];
  return untilMs !== undefined && wallMs < Number(untilMs) ? 'restarting' : 'ok';
}
