import { MemoryNetwork } from '../../src/transport/memory-transport.ts';
import { describeTransport } from './transport-suite.ts';

const network = new MemoryNetwork();

describeTransport('memory', () => async (options) => network.open(options));
