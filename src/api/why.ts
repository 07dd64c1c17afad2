import Type, { type Static } from 'typebox';
import { AddressText, Liveness, UnixMs, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

const Count = Type.Integer({ minimum: 0 });
const Ms = Type.Number({ minimum: 0 });

/** What kinds of findings there are; which other fields a kind fills stands at `Finding`. */
export const findingKinds = [
  'unanswered',
  'relayed',
  'streamOnly',
  'confirmed',
  'unconfirmed',
  'suspect',
  'dead',
  'refuted',
  'left',
] as const;

/** One thing that the node found out, or was told, about another. Fields that a kind does not have are null. */
export const Finding = closed({
  atMs: UnixMs,
  kind: Type.Enum([...findingKinds]),
  /** `relayed`: the helper that reached it. `confirmed`: the confirmer. `suspect` and `dead`: the accuser. */
  by: nullable(Uuid),
  /** `suspect` and `dead`: who found the same by probes of its own. */
  confirmers: nullable(Type.Array(Uuid)),
  /** `confirmed`. */
  verdict: nullable(Type.Enum(['alive', 'unreachable', 'unsure'])),
  /** `suspect`, `dead`, `refuted`: how often the node had refuted in this generation. */
  incarnation: nullable(Count),
  /** `unanswered`: how long the answer was waited for, how many helpers were asked and spoke, and how the asking node was itself. */
  waitedMs: nullable(Ms),
  helpersAsked: nullable(Count),
  helpersHeard: nullable(Count),
  localHealth: nullable(Count),
  lagMs: nullable(Ms),
});
export type Finding = Static<typeof Finding>;

/** `GET /v1/why?node=`: why the node that answers holds another (by host id or address) for what it does. */
export const Why = closed({
  hostId: Uuid,
  address: nullable(AddressText),
  detector: Type.Enum(['phi', 'swim']),
  liveness: Liveness,
  /** On the threshold's scale; null where none is computed. */
  phi: nullable(Type.Number()),
  generation: Count,
  /** Its last direct answer to a probe; null if none came since this node started, or probes are not what is judged by. */
  lastAnswer: nullable(closed({ agoMs: Ms, roundTripMs: Ms })),
  /** Oldest first; the newest few are kept. */
  findings: Type.Array(Finding),
  /** Host id → address of those whom findings name, as far as it is known. */
  addresses: Type.Record(Type.String(), AddressText),
});
export type Why = Static<typeof Why>;
