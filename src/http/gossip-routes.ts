import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { DescribeCluster } from '../api/describe-cluster.ts';
import { FailureDetector } from '../api/failure-detector.ts';
import { GossipInfo } from '../api/gossip-info.ts';
import { Info } from '../api/info.ts';
import { paths } from '../api/paths.ts';
import { Why } from '../api/why.ts';
import { addGet, optionalTimeoutMs, query, timeoutMsOf } from './answering-route.ts';
import { clusterView } from './cluster-view.ts';
import { failureDetectorView, gossipInfoView, infoView } from './gossip-view.ts';
import { knownRing } from './known-ring.ts';
import type { NodePort } from './node-port.ts';
import { whyView } from './why-view.ts';

const surveyTimeoutMs = 2_000;
const maxSurveyTimeoutMs = 30_000;

/** What this node is, what gossip told it, and whether all agree. */
export function addGossipRoutes(app: FastifyInstance, port: NodePort): void {
  addGet(app, {
    path: paths.info,
    summary: 'About this node alone.',
    query: query({}),
    answer: Info,
    handle: () => {
      const { heapUsed, heapTotal } = process.memoryUsage();
      return infoView(port, { heapUsedBytes: heapUsed, heapTotalBytes: heapTotal, nodeVersion: process.version });
    },
  });
  addGet(app, {
    path: paths.gossipInfo,
    summary: 'All application states of all nodes, as gossip has them.',
    query: query({}),
    answer: GossipInfo,
    handle: () => gossipInfoView(port),
  });
  addGet(app, {
    path: paths.failureDetector,
    summary: 'How this node sees every other one.',
    query: query({}),
    answer: FailureDetector,
    handle: () => failureDetectorView(port),
  });
  addGet(app, {
    path: paths.why,
    summary: 'Why this node holds another for alive, suspect or dead.',
    query: query({ node: Type.String() }),
    answer: Why,
    handle: ({ node }) => whyView(port, node),
  });
  addGet(app, {
    path: paths.describeCluster,
    summary: 'Whether all members agree on schema and ring, by asking them.',
    query: query({ timeoutMs: optionalTimeoutMs }),
    answer: DescribeCluster,
    handle: async ({ timeoutMs }) => {
      knownRing(port);
      const survey = await port.survey(timeoutMsOf(timeoutMs, surveyTimeoutMs, maxSurveyTimeoutMs));
      return clusterView(port, survey);
    },
  });
}
