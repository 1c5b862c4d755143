import { type Kind, type Kinds, NormalizeProblem } from '../../../src/model/kind.ts'

interface WrittenService {
  readonly name: string
  readonly image: string
  /** Stands for a live name that is not the document's. */
  readonly hostname?: string
  readonly envFile?: string
  readonly networks?: readonly string[]
  readonly secrets?: readonly string[]
}

interface WrittenJob extends Omit<WrittenService, 'image'> {
  readonly service: WrittenService
  readonly external?: boolean
}

interface WrittenSecret {
  readonly name: string
  readonly file?: string
  readonly from?: string
  readonly external?: boolean
}

const base = { compare: () => [], suspend: () => undefined }

const service: Kind<WrittenService> = {
  ...base,
  name: 'Service',
  rank: 30,
  normalize: (written, context) => {
    if (written.image === 'bad') throw new NormalizeProblem('/image', 'that is a bad image')
    const secrets = (written.secrets ?? []).map((name, index) => {
      const secret = context.refer('Secret', name)
      if (!secret) throw new NormalizeProblem(`/secrets/${index}`, `no Secret '${name}' is declared`)
      return secret.liveName
    })
    const env = written.envFile === undefined ? '' : context.file(written.envFile, '/envFile').toString()
    return {
      name: written.hostname ?? written.name,
      spec: { image: written.image, secrets, env, networks: written.networks ?? [] },
      uses: usesOf(written),
    }
  },
}

const job: Kind<WrittenJob> = {
  ...base,
  name: 'Job',
  rank: 30,
  job: true,
  normalize: (written) => ({
    name: written.name,
    spec: { image: written.service.image, triggers: {} },
    uses: usesOf(written.service),
  }),
}

const usesOf = (written: WrittenService) => [
  ...(written.secrets ?? []).map((name) => ({ kind: 'Secret', name })),
  ...(written.networks ?? []).map((name) => ({ kind: 'Network', name })),
]

const secret: Kind<WrittenSecret> = {
  ...base,
  name: 'Secret',
  rank: 10,
  inert: true,
  normalize: (written, context) => {
    if (written.external) return { name: undefined, spec: {}, uses: [] }
    const settings = written.from?.replace(/^settings:/, '')
    const source = written.file === undefined ? { settings: settings ?? '' } : { file: written.file }
    const content = context.opaque(source, written.file === undefined ? '/from' : '/file')
    return { name: `${written.name}_${content.mac.slice(0, 12)}`, spec: { content }, uses: [] }
  },
}

const network: Kind<{ readonly name: string; readonly external?: boolean; readonly driver?: string }> = {
  ...base,
  name: 'Network',
  rank: 0,
  inert: true,
  normalize: ({ name, external, driver }) => ({ name: external ? undefined : name, spec: { driver }, uses: [] }),
}

/** Just enough of the real kinds to see what expansion does with them. */
export const smallKinds: Kinds = new Map([service, job, secret, network].map((kind) => [kind.name, kind as Kind]))
