import Type, { type Static } from 'typebox';
import { closed } from './shape.ts';

/** `GET /healthz`: 200 while the process answers at all. */
export const Health = closed({ alive: Type.Boolean() });
export type Health = Static<typeof Health>;

/** `GET /readyz`: 200 if this node alone is ready, else 503. What it waits for is told only to whom the token admits. */
export const Ready = closed({ ready: Type.Boolean(), waitingFor: Type.Array(Type.String()) });
export type Ready = Static<typeof Ready>;
