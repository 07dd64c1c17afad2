import { startNode } from '../../src/runtime/start-node.ts';
import type { VictimOptions } from './socket-cluster.ts';

/** The process of one real node, to be killed by `socket-cluster.ts`. */
const node = await startNode({ ...(JSON.parse(process.argv[2]!) as VictimOptions), logLevel: 'silent' });
process.send?.(node.hostId);
// It has nothing to live for once the bench is gone.
process.once('disconnect', () => process.exit());
