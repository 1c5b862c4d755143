import type { Kind, Kinds } from '../model/kind.ts'
import { configKind } from './config/kind.ts'
import { HOST_KINDS } from './host-registry.ts'
import { jobKind } from './job/kind.ts'
import { networkKind } from './network/kind.ts'
import { nodeKind } from './node/kind.ts'
import { ruleFileKind } from './rule-file/kind.ts'
import { secretKind } from './secret/kind.ts'
import { serviceKind } from './service/kind.ts'

/** Every type of resource. Each kind only ever gets its own specs: the name in the document chooses it. */
export const KINDS: Kinds = new Map([
  ...[nodeKind, networkKind, secretKind, configKind, serviceKind, jobKind, ruleFileKind].map((kind): [string, Kind] => [
    kind.name,
    kind as Kind,
  ]),
  ...HOST_KINDS,
])
