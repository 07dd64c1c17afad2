/** Every path of the HTTP API. `:name` is a parameter; `pathWith` fills it. Names equal the commands of `ringctl`. */
export const paths = {
  status: '/v1/status',
  ring: '/v1/ring',
  history: '/v1/history',
  info: '/v1/info',
  gossipInfo: '/v1/gossipinfo',
  describeCluster: '/v1/describecluster',
  getEndpoints: '/v1/getendpoints',
  describeRing: '/v1/describering',
  failureDetector: '/v1/failuredetector',
  why: '/v1/why',
  route: '/v1/route',
  guard: '/v1/guard',
  ops: '/v1/ops',
  operation: '/v1/ops/:id',
  abortOperation: '/v1/ops/:id/abort',
  resumeOperation: '/v1/ops/:id/resume',
  plan: '/v1/plan',
  decommission: '/v1/decommission',
  move: '/v1/move',
  removeNode: '/v1/removenode',
  assassinate: '/v1/assassinate',
  readmit: '/v1/readmit',
  alter: '/v1/alter',
  join: '/v1/join',
  drain: '/v1/drain',
  planRestart: '/v1/planrestart',
  adopt: '/v1/ring/adopt',
  schema: '/v1/schema',
  schemaKeyspace: '/v1/schema/keyspaces/:name',
  schemaDocument: '/v1/schema/documents/:name',
  schemaAgreement: '/v1/schema/agreement',
  snapshot: '/v1/snapshot',
  events: '/v1/events',
  healthz: '/healthz',
  readyz: '/readyz',
  metrics: '/metrics',
  openApi: '/openapi.json',
} as const;

/**
 * A path of the table with its parameters filled in; what the path has no parameter for goes into the query, null and
 * undefined nowhere. `pathWith(paths.route, { key: 'a b', keyspace: null })` → `/v1/route?key=a%20b`.
 */
export function pathWith(
  path: string,
  parameters: Readonly<Record<string, string | number | null | undefined>> = {},
): string {
  let filled = path;
  const query: string[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || value === undefined) continue;
    const text = encodeURIComponent(value);
    const segment = new RegExp(`:${name}(?=/|$)`);
    if (segment.test(filled)) filled = filled.replace(segment, () => text);
    else query.push(`${name}=${text}`);
  }
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
}
