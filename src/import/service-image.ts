import { formatImage, tryParseImage } from '../kinds/image-reference.ts'

/** `nginx:1.27` of `nginx:1.27@sha256:…`: the digest is live's, and adoption takes it (architecture, rule 5). */
export function withoutDigest(image: string): string {
  const parsed = tryParseImage(image)
  if (parsed?.tag === undefined || parsed.digest === undefined) return image
  return formatImage({ name: parsed.name, tag: parsed.tag })
}

export const hasDigest = (image: string): boolean => tryParseImage(image)?.digest !== undefined
