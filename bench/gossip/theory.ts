/** What the papers predict, and what the peers measured: to be read beside our own figures. */

/** Milliseconds and sends of the rumor schedule (4 peers after 20 ms, 4 more 100 ms later), from a small model of it. */
export const rumorModel: Readonly<Record<number, string>> = {
  100: '171 ms, 8 sends',
  1000: '200 ms, 8 sends',
  10000: '243 ms, 8 sends',
};
export const rumorModelAtFivePercentLoss: Readonly<Record<number, string>> = {
  100: '181 ms',
  1000: '214 ms',
  10000: '246 ms',
};

/**
 * Rounds until the last of n nodes knows by push-pull with one peer a round: spreading to half takes log2 n, and then the
 * uninformed square each round, log2 ln n (Karp, Schindelhauer, Shenker, Vöcking 2000: log3 n + O(log log n)).
 */
export function pushPullRounds(nodes: number): number {
  return Math.log(nodes) / Math.log(3) + Math.log2(Math.log(nodes));
}

/** Rounds by push alone: log2 n + ln n (Pittel 1987). */
export function pushRounds(nodes: number): number {
  return Math.log2(nodes) + Math.log(nodes);
}

/** memberlist's schedule: half of the nodes know after ln n / r, all after 2 ln n / r, r = 15 a second. */
export function memberlistSpreadMs(nodes: number): { halfMs: number; allMs: number } {
  const halfMs = (Math.log(nodes) / 15) * 1_000;
  return { halfMs, allMs: 2 * halfMs };
}

/** memberlist, LAN: a probe, its end, and a suspicion of 4 log10 n seconds. */
export function memberlistDetectionS(nodes: number): number {
  return 2 + 4 * Math.log10(nodes);
}

/** Phi accrual at a beat a second: threshold · ln 10 seconds of silence, and half a beat until the first looks. */
export function phiDetectionS(threshold: number, intervalMs: number): number {
  return (threshold * Math.LN10 * intervalMs) / 1_000;
}

/** Measured (memberlist 0.2.2, LAN profile, loopback, two cores); the sizes are the nearest that were run. */
export const peers = {
  spread: 'memberlist: all after 416 to 1,063 ms (16 to 512 nodes), 12 to 20 sends',
  idle: 'memberlist, unencrypted: 150 to 195 (3 minutes)',
  crash: 'memberlist: 6 s (16) to 12 s (512); Redis Cluster 12: 7.5 s',
  crashAll: 'memberlist: 6.6 s (16) to 12.5 s (512)',
  crashMany: 'memberlist: 6.8 s (16) to 15.3 s (512)',
  lossTraffic: 'memberlist, streams off: 16 × (64), 58 × (256)',
  falsePositives: 'memberlist at 20 %, streams off: 2 to 10 nodes a minute (64, 256)',
} as const;
