/** Ids of live objects by name: Swarm wants references by id, people and specs use names (swarm.md 12, 13). */
export interface SwarmIds {
  readonly networks: ReadonlyMap<string, string>
  readonly secrets: ReadonlyMap<string, string>
  readonly configs: ReadonlyMap<string, string>
}

/** Names of live objects by id. Services name secrets and configs themselves, networks by id only. */
export interface SwarmNames {
  readonly networks: ReadonlyMap<string, string>
}
