import type { Kind, Kinds } from '../model/kind.ts'
import { artifactKind } from './artifact/kind.ts'
import { directoryKind } from './directory/kind.ts'
import { fileKind } from './file/kind.ts'
import { groupKind } from './group/kind.ts'
import { programKind } from './program/kind.ts'
import { unitKind } from './unit/kind.ts'
import { userKind } from './user/kind.ts'

/** What lives on hosts: a document of these names its `hosts` and becomes one resource on each of them. */
export const HOST_KINDS: Kinds = new Map(
  [groupKind, userKind, directoryKind, artifactKind, fileKind, programKind, unitKind].map((kind) => [
    kind.name,
    kind as Kind,
  ]),
)
