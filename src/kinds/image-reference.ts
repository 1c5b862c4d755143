/** An image reference, in the familiar form that people and the Docker CLI write (distribution/reference). */
export interface ImageReference {
  /** Without tag and digest: `nginx`, `registry.example:5000/a/b`. */
  readonly name: string
  readonly tag?: string
  readonly digest?: string
}

const HUB = 'docker.io'
const DOMAIN = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/
const PATH = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[a-zA-Z][a-zA-Z0-9]*:[a-f0-9]{32,128}$/
const LONGEST_NAME = 255

/** @throws RangeError whose message says what is wrong with it */
export function parseImage(text: string): ImageReference {
  const [beforeDigest = '', digest, ...rest] = text.split('@')
  const colon = beforeDigest.lastIndexOf(':')
  const tagged = colon > beforeDigest.lastIndexOf('/')
  const name = familiarName(tagged ? beforeDigest.slice(0, colon) : beforeDigest, text)
  const tag = tagged ? beforeDigest.slice(colon + 1) : undefined
  if (tag !== undefined && !TAG.test(tag)) throw new RangeError(`'${tag}' is not a tag, in the image '${text}'`)
  if (rest.length > 0 || (digest !== undefined && !DIGEST.test(digest))) {
    throw new RangeError(
      `'${[digest, ...rest].join('@')}' is not a digest like sha256:<64 hex>, in the image '${text}'`,
    )
  }
  return { name, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

/** `docker.io/library/nginx` and `index.docker.io/nginx` are `nginx`. */
function familiarName(name: string, text: string): string {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isDomain = slash > 0 && (/[.:]/.test(first) || first === 'localhost')
  const domain = isDomain ? first.replace(/^index\.docker\.io$/, HUB) : HUB
  const path = isDomain ? name.slice(slash + 1) : name
  const valid = name.length <= LONGEST_NAME && DOMAIN.test(domain) && PATH.test(path) && !/^[a-f0-9]{64}$/.test(name)
  if (!valid) {
    const why = /[A-Z]/.test(path) ? ': the name of a repository is in lower case' : ''
    throw new RangeError(`'${text}' is not an image reference like registry.example:5000/name:tag${why}`)
  }
  if (domain !== HUB) return `${domain}/${path}`
  return path.startsWith('library/') && !path.slice(8).includes('/') ? path.slice(8) : path
}

export function formatImage(image: ImageReference): string {
  return `${image.name}${image.tag === undefined ? '' : `:${image.tag}`}${image.digest === undefined ? '' : `@${image.digest}`}`
}

/** A live reference as well as it can be read: an engine may hold what no parser of references accepts. */
export function tryParseImage(text: string): ImageReference | undefined {
  try {
    return parseImage(text)
  } catch {
    return undefined
  }
}
