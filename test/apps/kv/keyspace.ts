/** The one keyspace of this application: its replication says how many nodes hold each key. */
export const keyspace = 'kv';
