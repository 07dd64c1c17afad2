import type { DetectorTimer } from '../detector/detector-timer.ts';

/**
 * Timers are data: what is to happen, and a mark by which a stale one is known. `gossip`, `detector` and the other
 * periodic ones carry no mark: each is scheduled only when it fires.
 */
export type Timer =
  | { readonly kind: 'gossip' }
  | { readonly kind: 'rumors'; readonly mark: number }
  | { readonly kind: 'detector'; readonly timer: DetectorTimer }
  | { readonly kind: 'adoption'; readonly mark: number }
  | { readonly kind: 'shadowRound'; readonly round: string }
  | { readonly kind: 'join'; readonly attempt: number }
  | { readonly kind: 'operation'; readonly purpose: 'look' | 'gather' }
  | { readonly kind: 'catchUp' }
  | { readonly kind: 'epoch'; readonly purpose: string; readonly mark: number }
  | { readonly kind: 'schemaPull'; readonly mark: number }
  | { readonly kind: 'copyProbe'; readonly probe: number }
  | { readonly kind: 'departure' }
  | { readonly kind: 'query'; readonly query: number };

/**
 * Nobody waits for this timer any more. The simulator lets it pass, and spares the node a step; on a real clock it is one
 * more look at how late the loop is.
 */
export const isOver = (timer: Timer): boolean => timer.kind === 'detector' && timer.timer.over === true;
