import type { RingState } from '../epoch/ring-state.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { Delta } from '../gossip/delta.ts';
import { versionedValue } from '../gossip/versioned-value.ts';
import { encodeTokens } from '../token/token-list.ts';

/** What stands for the tokens in TOKENS, after the epoch: no base64 begins so. */
const asRecorded = '=';

/**
 * A shadow answer holds every member's tokens in the ring's history already; TOKENS would say them again, in a third of
 * all bytes. Where it says just what the history does, it is sent without them.
 */
export function withoutRecordedTokens(delta: Delta, state: RingState): Delta {
  return withTokens(delta, (value) => {
    const member = state.members.get(delta.hostId);
    if (member === undefined || value !== recorded(member)) return value;
    return `${member.sinceEpoch},${asRecorded}`;
  });
}

/** The delta with its tokens again; null if the history held here is another than the sender's: anti-entropy brings it. */
export function withRecordedTokens(delta: Delta, state: RingState): Delta | null {
  let other = false;
  const whole = withTokens(delta, (value) => {
    if (value === null || !value.endsWith(`,${asRecorded}`)) return value;
    const member = state.members.get(delta.hostId);
    other = member === undefined || value !== `${member.sinceEpoch},${asRecorded}`;
    return other ? value : recorded(member!);
  });
  return other ? null : whole;
}

function withTokens(delta: Delta, change: (value: string | null) => string | null): Delta {
  const at = delta.entries.findIndex(([key]) => key === ApplicationState.tokens);
  if (at < 0) return delta;
  const [key, { value, version }] = delta.entries[at]!;
  const changed = change(value);
  if (changed === value) return delta;
  const entries = [...delta.entries];
  entries[at] = [key, versionedValue(key, changed, version)];
  return { ...delta, entries };
}

const recorded = ({
  sinceEpoch,
  tokens,
}: {
  readonly sinceEpoch: number;
  readonly tokens: readonly bigint[];
}): string => `${sinceEpoch},${encodeTokens(tokens)}`;
