export type Topic = 'spread' | 'traffic' | 'crashes' | 'endurance' | 'exchanges' | 'simulator' | 'sockets';

/** The tables of the page, in its order, and what has to be known to read each. */
export const topics: Readonly<Record<Topic, { readonly title: string; readonly words: string }>> = {
  spread: {
    title: 'How fast a change spreads',
    words:
      'One node sets an application state (a key with `x:`); counted is until the others know it. At 5 % loss one datagram in twenty is lost, and of the packets of streams as many.',
  },
  traffic: {
    title: 'What it costs',
    words:
      'Sent by each node. LOAD is the figure of a node that moves all the time and that nobody waits for. _Streams off_: no TCP connection can be opened, as behind a firewall that passes only UDP.',
  },
  crashes: {
    title: 'How soon a crash is noticed',
    words:
      'The crashed node says nothing to anybody. Single crashes come one after another; in other worlds 5 % of the nodes at the same moment; each time in a cluster that has come to rest. The clocks of all hosts agree; half a second apart changes nothing, minutes apart the slowest are a second or two later.',
  },
  endurance: {
    title: 'Who is held for dead, and lives',
    words:
      'Nobody crashes here, so whoever is held for dead by anybody is a mistake. The conditions follow one another in one world, each begun when every node holds every other for alive again.',
  },
  exchanges: {
    title: 'Anti-entropy alone',
    words:
      'Rumors are off, so that only exchanges with random peers carry a change, with one or three peers a tick of 1 s: how the classic protocols do, and the safety net of ours. Ticks until the last node knows, the worst of all changes.',
  },
  simulator: {
    title: 'The simulator',
    words: 'Virtual time by real time, of a cluster left alone, while nothing else is measured on the machine.',
  },
  sockets: {
    title: 'The same on real sockets',
    words:
      'Real nodes on loopback, encrypted, each with a store of its own: to see that the simulator tells the truth.',
  },
};
