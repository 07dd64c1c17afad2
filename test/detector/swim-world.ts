import { SeededRandom } from '../../src/base/random.ts';
import type { Now } from '../../src/base/time.ts';
import type { DetectorMessage } from '../../src/detector/detector-message.ts';
import type { DetectorEffects, Liveness } from '../../src/detector/failure-detector.ts';
import type { LivenessClaim } from '../../src/detector/liveness-claim.ts';
import { SwimDetector } from '../../src/detector/swim-detector.ts';
import { lanSwimTimings, type SwimTimings } from '../../src/detector/swim-options.ts';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';
import { EventQueue } from '../../src/sim/event-queue.ts';

type Channel = 'datagram' | 'stream';

/** One opinion that changed. */
export interface Change {
  readonly atMs: number;
  readonly at: number;
  readonly about: number;
  readonly liveness: Liveness;
}

interface Node {
  detector: SwimDetector;
  readonly effects: DetectorEffects;
  generation: number;
  up: boolean;
  /** How far its wall clock is off, in ms. */
  skewMs: number;
  /** Its loop stands still until then. */
  stalledUntilMs: number;
  sent: number;
}

/** All have answered one another by then. */
const settledMs = 20;
const startMs = 1_700_000_000_000;

/**
 * Detectors alone, on virtual time: a network with latency, loss and cut links, and rumors that reach everybody within
 * 50 to 250 ms, as the rumor queue of a node brings them. Everything else is the detector's own.
 */
export class SwimWorld {
  readonly hostIds: readonly string[];
  readonly nodes: Node[];
  readonly changes: Change[] = [];
  readonly told: { readonly atMs: number; readonly by: number; readonly claim: LivenessClaim }[] = [];
  readonly sent: { readonly atMs: number; readonly from: number; readonly to: number; readonly kind: string }[] = [];
  readonly #random: SeededRandom;
  readonly #timings: SwimTimings;
  readonly #slots = new EndpointDirectory();
  readonly #queue = new EventQueue<{ node: Node; run: () => void }>();
  readonly #cut = new Set<string>();
  nowMs = 0;
  lossRatio = 0;
  /** Loss of one link; rumors to and from it suffer likewise. */
  lossOf = (_from: number, _to: number): number => this.lossRatio;
  streams = true;
  rumors = true;
  /** Loses a message that it answers true to. */
  loses = (_from: number, _to: number, _kind: string): boolean => false;
  recording = true;

  constructor(size: number, seed: number, timings: Partial<SwimTimings> = {}) {
    this.#timings = { ...lanSwimTimings, ...timings };
    this.#random = new SeededRandom(seed);
    this.hostIds = Array.from({ length: size }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`);
    this.nodes = this.hostIds.map((hostId, at) => ({
      detector: this.#detectorOf(hostId, at),
      effects: this.#effectsOf(at),
      generation: 1,
      skewMs: 0,
      up: true,
      stalledUntilMs: 0,
      sent: 0,
    }));
    for (const [at, node] of this.nodes.entries()) {
      node.detector.begin([], this.now(node), node.effects);
      for (const [other, hostId] of this.hostIds.entries()) {
        if (other !== at) node.detector.heard({ hostId, generation: 1 }, this.now(node), node.effects);
      }
    }
    this.run(settledMs);
    this.changes.length = 0;
    this.sent.length = 0;
  }

  /** Cuts one direction. */
  cut(from: number, to: number): void {
    this.#cut.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cut.clear();
  }

  /** What the clocks of a node say; without one, those that are right. */
  now({ skewMs }: Pick<Node, 'skewMs'> = { skewMs: 0 }): Now {
    return { monotonicMs: this.nowMs, wallMs: startMs + this.nowMs + skewMs };
  }

  crash(at: number): void {
    this.nodes[at]!.up = false;
  }

  /** From now on no two wall clocks agree. */
  skewClocks(): this {
    for (const node of this.nodes) node.skewMs = this.#random.below(3_600_000);
    return this;
  }

  /** Another process of the node, which remembers all others. What was under way for the one before is lost. */
  restart(at: number): void {
    const node = this.nodes[at]!;
    node.up = false;
    const again: Node = { ...node, detector: this.#detectorOf(this.hostIds[at]!, at), up: true };
    again.generation++;
    this.nodes[at] = again;
    const known = this.hostIds.filter((_, other) => other !== at).map((hostId) => ({ hostId, generation: 1 }));
    again.detector.begin(known, this.now(again), again.effects);
  }

  /** The node's loop stands still; what is due meanwhile comes afterwards. */
  stall(at: number, forMs: number): void {
    const node = this.nodes[at]!;
    node.stalledUntilMs = this.nowMs + forMs;
    this.#queue.push(this.nowMs + forMs, { node, run: () => node.detector.stalled(forMs, this.now(node)) });
  }

  liveness(at: number, about: number): Liveness {
    return this.nodes[at]!.detector.liveness(this.hostIds[about]!);
  }

  /** Gives a claim to one node, as a rumor or from an exchange. */
  claim(at: number, from: number, claim: LivenessClaim, via: 'rumor' | 'exchange' = 'rumor'): void {
    const node = this.nodes[at]!;
    node.detector.claimed(this.hostIds[from]!, claim, via, this.now(node), node.effects);
  }

  run(forMs: number): this {
    const untilMs = this.nowMs + forMs;
    while (this.#queue.nextMs !== null && this.#queue.nextMs <= untilMs) {
      this.nowMs = this.#queue.nextMs;
      const due = this.#queue.pop()!;
      if (this.nowMs < due.node.stalledUntilMs) this.#queue.push(due.node.stalledUntilMs, due);
      else if (due.node.up) due.run();
    }
    this.nowMs = untilMs;
    return this;
  }

  runUntil(condition: () => boolean, withinMs: number): boolean {
    const untilMs = this.nowMs + withinMs;
    while (!condition()) {
      if (this.nowMs >= untilMs) return false;
      this.run(10);
    }
    return true;
  }

  #detectorOf(hostId: string, at: number): SwimDetector {
    return new SwimDetector({
      phase: this.#random.fraction(),
      hostId,
      ownGeneration: () => this.nodes[at]!.generation,
      slots: this.#slots,
      random: new SeededRandom(this.#random.uint32()),
      timings: this.#timings,
    });
  }

  #effectsOf(at: number): DetectorEffects {
    return {
      send: (hostId, message, channel) => this.#send(at, this.#place(hostId), message, channel),
      schedule: (timer, delayMs) => {
        const node = this.nodes[at]!;
        this.#later(node, delayMs, () => node.detector.timer(timer, this.now(node), node.effects));
      },
      changed: (hostId, liveness) => {
        this.changes.push({ atMs: this.nowMs, at, about: this.#place(hostId), liveness });
      },
      tell: (claim) => this.#tell(at, claim),
      selfClaim: (claim) => {
        this.nodes[at]!.generation = claim.generation + 1;
      },
      deadClaim() {},
      streamOnly() {},
    };
  }

  #place(hostId: string): number {
    return Number(hostId.slice(-12));
  }

  /** Streams lose segments likewise, and send them again after 200 ms. */
  #send(from: number, to: number, message: DetectorMessage, channel: Channel): void {
    this.nodes[from]!.sent++;
    if (this.recording) this.sent.push({ atMs: this.nowMs, from, to, kind: message.kind });
    if (this.#cut.has(`${from}>${to}`) || this.loses(from, to, message.kind)) return;
    const lossRatio = this.lossOf(from, to);
    let delayMs = this.#latencyMs();
    if (channel === 'stream') {
      if (!this.streams || this.#cut.has(`${to}>${from}`)) return;
      while (this.#random.fraction() < lossRatio) delayMs += 200;
    } else if (this.#random.fraction() < lossRatio) return;
    const node = this.nodes[to]!;
    this.#later(node, delayMs, () =>
      node.detector.receive(this.hostIds[from]!, message, channel, this.now(node), node.effects),
    );
  }

  /** Only the first who tells spreads it: the others were told by the same rumor. */
  readonly #spread = new Set<string>();
  #tell(by: number, claim: LivenessClaim): void {
    this.told.push({ atMs: this.nowMs, by, claim });
    const { hostId, generation, incarnation, liveness, confirmers } = claim;
    const key = [hostId, generation, incarnation, liveness, ...[...confirmers].sort()].join();
    if (!this.rumors || this.#spread.has(key)) return;
    this.#spread.add(key);
    for (const [to, node] of this.nodes.entries()) {
      if (to === by || this.#cut.has(`${by}>${to}`)) continue;
      // A node hears a rumor from about eight others, and tells it to as many.
      if (this.#random.fraction() < this.lossOf(by, to) ** 8) continue;
      this.#later(node, 50 + 200 * this.#random.fraction(), () => this.claim(to, by, claim));
    }
  }

  #later(node: Node, delayMs: number, run: () => void): void {
    this.#queue.push(this.nowMs + delayMs, { node, run });
  }

  #latencyMs(): number {
    return 0.35 - 0.21 * Math.log(1 - this.#random.fraction());
  }
}
