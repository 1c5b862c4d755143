import { entryFromWire } from '../ownership.ts'
import type { FileLive, WireFile } from './spec.ts'

export function fileFromWire({ stat, sha256, base64, record }: WireFile): FileLive {
  const same = sha256 !== undefined && record?.sha256 === sha256
  const isSecret = record?.mac !== undefined
  return {
    ...entryFromWire(stat),
    ...(sha256 !== undefined && !isSecret ? { sha256 } : {}),
    ...(base64 !== undefined && !isSecret ? { base64 } : {}),
    ...(same && record?.mac !== undefined ? { mac: record.mac } : {}),
    ...(record?.owns ? { owns: record.owns } : {}),
  }
}
