import { entryFromWire } from '../ownership.ts'
import type { DirectoryLive, WireDirectory } from './spec.ts'

export const directoryFromWire = (wire: WireDirectory): DirectoryLive => entryFromWire(wire)
