import type { ImagePart, ImagePin } from '../../model/kind.ts'
import type { ValueDiff } from '../field-diff.ts'
import { formatImage, type ImageReference, tryParseImage } from '../image-reference.ts'
import type { Platform, ServiceLive, ServiceSpec } from './spec.ts'

/** The reference that is sent: with the pinned digest, where there is one. */
export function pinnedImage(spec: ServiceSpec): string {
  const image = tryParseImage(spec.image)
  return image && spec.pin && image.digest === undefined
    ? formatImage({ ...image, digest: spec.pin.digest })
    : spec.image
}

/**
 * By digest where both have one: another tag of the same digest runs nothing else. By the written reference where ours
 * is not pinned: what the CLI pinned is then no difference.
 */
export function compareImage(spec: ServiceSpec, live: ServiceLive): readonly ValueDiff[] {
  const to = pinnedImage(spec)
  const wanted = tryParseImage(to)
  const found = tryParseImage(live.image)
  const same = wanted && found ? sameImage(wanted, found) : to === live.image
  return same ? [] : [{ path: '/image', from: live.image, to }]
}

function sameImage(wanted: ImageReference, found: ImageReference): boolean {
  if (wanted.name !== found.name) return false
  return wanted.digest === undefined ? wanted.tag === (found.tag ?? 'latest') : wanted.digest === found.digest
}

/**
 * Platforms as the engine's scheduler wants them: nodes say `armv7l` where manifests say `arm`, and `unknown` is an
 * attestation, no platform (swarm.md 1).
 */
export function pinnedPlatforms(pin: ImagePin): readonly Platform[] {
  return pin.platforms
    .filter((platform) => platform.architecture !== 'unknown' && platform.os !== 'unknown')
    .map(({ architecture, os }) => ({ architecture: architecture.toLowerCase() === 'arm' ? '' : architecture, os }))
}

export const serviceImage: ImagePart<ServiceSpec, ServiceLive> = {
  written(spec) {
    return spec.resolve === 'never' || spec.image.includes('@') ? undefined : spec.image
  },
  pinned: (spec) => spec.pin,
  pin: (spec, pin) => ({ ...spec, pin }),
  ofLive(spec, live) {
    const found = tryParseImage(live.image)
    if (!found?.digest) return undefined
    const { digest, ...reference } = found
    return formatImage(reference) === spec.image ? { digest, platforms: live.platforms } : undefined
  },
}
