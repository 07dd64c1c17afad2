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

/** memberlist's schedule: half of the nodes know after ln n / r, all after 2 ln n / r, r = 15 a second. */
export function memberlistSpreadMs(nodes: number): { halfMs: number; allMs: number } {
  const halfMs = (Math.log(nodes) / 15) * 1_000;
  return { halfMs, allMs: 2 * halfMs };
}

/** memberlist, LAN: a probe, its end, and a suspicion of 4 log10 n seconds. */
export function memberlistDetectionS(nodes: number): number {
  return 2 + 4 * Math.log10(nodes);
}

/** SWIM: the first probe of a crashed node comes after e / (e - 1) periods in the mean, whatever the size. */
export function swimFirstProbeS(periodMs: number): number {
  return ((Math.E / (Math.E - 1)) * periodMs) / 1_000;
}

/** Phi accrual at a beat a second: threshold · ln 10 seconds of silence, and half a beat until the first looks. */
export function phiDetectionS(threshold: number, intervalMs: number): number {
  return (threshold * Math.LN10 * intervalMs) / 1_000;
}

/** Measured (memberlist 0.2.2, LAN profile, loopback, two cores); the sizes are the nearest that were run. */
export const peers = {
  spread: 'memberlist: half after 185 (16) to 384 ms (512)',
  spreadAll: 'memberlist: all after 316 (16) to 887 ms (512)',
  sends: 'memberlist: 12 to 20',
  idle: 'memberlist, unencrypted: 150 to 195; serf: 342 to 359; Redis Cluster 12: 19,246',
  crash: 'memberlist: 6 s (16) to 12 s (512); Redis Cluster 12: 7.5 s',
  crashAll: 'memberlist: 6.6 s (16) to 12.5 s (512)',
  crashMany: 'memberlist: 6.8 s (16) to 15.3 s (512)',
  lossTraffic: 'memberlist, streams off: 16 × (64), 58 × (256)',
  falsePositives: 'memberlist at 20 %, streams off: 2 to 10 nodes a minute (64, 256)',
  stalls: 'Lifeguard: plain SWIM kills others for one slow member',
  flaps: 'Rapid: memberlist oscillates',
} as const;
