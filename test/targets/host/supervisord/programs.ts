import { programKind } from '../../../../src/kinds/program/kind.ts'
import type { ProgramSpec } from '../../../../src/kinds/program/spec.ts'
import type { Wanted } from '../../../../src/model/resource.ts'
import type { Program } from '../../../../src/model/written/program.ts'
import { contextOf } from '../../../kinds/context.ts'
import { wantedOf } from '../things.ts'

/** A Program document with this file, as a revision declares it. */
export function programOf(name: string, conf: string, written: Partial<Program> = {}): Wanted<ProgramSpec> {
  const context = contextOf({ files: { 'program.conf': conf } })
  const document = { kind: 'Program', name, hosts: ['host'], conf: 'program.conf', ...written } as Program
  return wantedOf('Program', name, programKind.normalize(document, context).spec)
}
