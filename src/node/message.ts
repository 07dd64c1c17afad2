import type { DetectorMessage } from '../detector/detector-message.ts';
import type { EpochMessage } from '../epoch/epoch-message.ts';
import type { GossipMessage, GossipRoots } from '../gossip/gossip-message.ts';
import type { LifecycleMessage } from '../lifecycle/lifecycle-message.ts';
import type { SchemaMessage } from '../schema/schema-message.ts';
import type { Rumors } from './rumor-message.ts';

/** What one node says to another. Each kind's sender, receiver, answer and fate when lost stand at its type. */
export type SingleMessage =
  | GossipMessage
  | GossipRoots
  | Rumors
  | DetectorMessage
  | EpochMessage
  | SchemaMessage
  | LifecycleMessage;

/** Several messages of one step to one destination in one datagram, in the order in which they are taken. */
export interface Bundle {
  readonly kind: 'bundle';
  readonly messages: readonly SingleMessage[];
}

/** All that nodes say to one another. */
export type Message = SingleMessage | Bundle;

/** Best effort, at most 1,400 bytes a frame; or reliable and in order while the connection lives. */
export type Channel = 'datagram' | 'stream';
