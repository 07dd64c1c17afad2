import type { HostId } from '../base/id.ts';
import type { LivenessClaim } from './liveness-claim.ts';

/**
 * Who are you? Any → member, or → an address that claims my own host id. Answered by `pong` whatever the detector,
 * never forwarded. Lost: whoever asked asks again.
 */
export interface Ping {
  readonly kind: 'ping';
  /** A fresh random number below 2^32 that binds the answer to this probe. */
  readonly probe: number;
}

/** Proof of life: authenticated, direct, and bound to the probe. */
export interface Pong {
  readonly kind: 'pong';
  readonly probe: number;
}

/**
 * SWIM's ping (section 3.1). Any member → any, by datagram or, as a last resort, by stream; answered on the same
 * channel by `probeAck`. Lost: the prober goes on to helpers.
 */
export interface Probe {
  readonly kind: 'probe';
  /** As in `Ping`. */
  readonly probe: number;
  /** What the sender holds of the receiver, if that is not alive: the receiver refutes it in the ack (Lifeguard's buddy). */
  readonly buddy: LivenessClaim | null;
}

/** SWIM's ack: probed → prober. Says which life of the sender is alive, what it just refuted included. */
export interface ProbeAck {
  readonly kind: 'probeAck';
  readonly probe: number;
  readonly generation: number;
  readonly incarnation: number;
  /** As in `Probe`: a sender that holds its prober for dead says so. */
  readonly buddy: LivenessClaim | null;
}

/** SWIM's ping-req: prober → helper, who probes `target` and answers `probeRelay`, or `nack` if it hears nothing in time. */
export interface ProbeRequest {
  readonly kind: 'probeRequest';
  /** The prober's number; the helper probes with one of its own. */
  readonly probe: number;
  readonly target: HostId;
}

/** Helper → prober: the target answered me. Lost: another helper's may come. */
export interface ProbeRelay {
  readonly kind: 'probeRelay';
  readonly probe: number;
  readonly target: HostId;
  readonly generation: number;
  readonly incarnation: number;
}

/** Helper → prober: I am here, the target has not answered (Lifeguard section III.A). Missing: the prober doubts itself. */
export interface Nack {
  readonly kind: 'nack';
  readonly probe: number;
}

/**
 * Accuser → confirmer: this life of a host did not answer me nor my helpers; try it yourself before anybody hears of
 * it. Answered by `confirmed` once the confirmer knows. Lost: the accuser goes on without, or asks others.
 */
export interface Confirm {
  readonly kind: 'confirm';
  readonly probe: number;
  readonly hostId: HostId;
  readonly generation: number;
  readonly incarnation: number;
}

/** `unsure`: unreachable, but the confirmer is itself slow and does not count. */
export const confirmVerdicts = ['alive', 'unreachable', 'unsure'] as const;
export type ConfirmVerdict = (typeof confirmVerdicts)[number];

/** Confirmer → accuser. `generation` and `incarnation` are of the life that answered, if one did. */
export interface Confirmed {
  readonly kind: 'confirmed';
  readonly probe: number;
  readonly verdict: ConfirmVerdict;
  readonly generation: number;
  readonly incarnation: number;
}

/**
 * Claims that stand at the sender, to one that seems not to know them, or may know better: they may be old. Answered by
 * `claims` with what overrides them, if anything does. Lost: the next exchange brings them.
 */
export interface Claims {
  readonly kind: 'claims';
  readonly claims: readonly LivenessClaim[];
}

/** What the SWIM detector itself says and hears. */
export type SwimMessage = Probe | ProbeAck | ProbeRequest | ProbeRelay | Nack | Confirm | Confirmed;

export type DetectorMessage = Ping | Pong | SwimMessage | Claims;
