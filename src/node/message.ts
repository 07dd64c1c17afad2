import type { DetectorMessage } from '../detector/detector-message.ts';
import type { EpochMessage } from '../epoch/epoch-message.ts';
import type { GossipMessage } from '../gossip/gossip-message.ts';
import type { LifecycleMessage } from '../lifecycle/lifecycle-message.ts';
import type { SchemaMessage } from '../schema/schema-message.ts';

/** All that nodes say to one another. Each kind's sender, receiver, answer and fate when lost stand at its type. */
export type Message = GossipMessage | DetectorMessage | EpochMessage | SchemaMessage | LifecycleMessage;

/** Best effort, at most 1,400 bytes a frame; or reliable and in order while the connection lives. */
export type Channel = 'datagram' | 'stream';
