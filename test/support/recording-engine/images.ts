import { createHash } from 'node:crypto'
import type { Reply, Request } from './http.ts'
import { Refusal } from './refusal.ts'

interface KnownImage {
  readonly digest?: string
  readonly platforms?: readonly object[]
}

/** By reference as it is asked for; null: no such image. What is not listed exists, with a digest made from its name. */
export type KnownImages = Readonly<Record<string, KnownImage | null>>

export function inspectDistribution(images: KnownImages, { key }: Request): Reply {
  const known = key in images ? images[key] : {}
  if (known === null || known === undefined) throw new Refusal(404, 'manifest unknown: manifest unknown')
  const value = {
    Descriptor: {
      mediaType: 'application/vnd.oci.image.index.v1+json',
      digest: known.digest ?? digestOf(key),
      size: 427,
    },
    Platforms: known.platforms ?? [{ architecture: 'amd64', os: 'linux' }],
  }
  return { status: 200, value }
}

/** The digest that an image has unless a test says otherwise. */
export function digestOf(reference: string): string {
  return `sha256:${createHash('sha256').update(reference).digest('hex')}`
}
