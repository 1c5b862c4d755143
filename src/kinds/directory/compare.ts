import type { FieldDiff } from '../../model/live.ts'
import { compareEntry } from '../ownership.ts'
import type { DirectoryLive, DirectorySpec } from './spec.ts'

export const compareDirectory = (spec: DirectorySpec, live: DirectoryLive): readonly FieldDiff[] =>
  compareEntry(spec, live, 'directory')
