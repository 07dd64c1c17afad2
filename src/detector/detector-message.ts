/** Is there anybody? Any → member, or → an address that claims my own host id. Answered by `pong`, never forwarded. */
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

export type DetectorMessage = Ping | Pong;
