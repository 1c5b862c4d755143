import type { LiveEntry, PlacedSpec, WireStat } from '../ownership.ts'

/** What is in it is not ours. */
export type DirectorySpec = PlacedSpec

/** What stands at the path; reported also where it is no directory. */
export type DirectoryLive = LiveEntry

/** As the facts script of a host reports it. */
export type WireDirectory = WireStat
