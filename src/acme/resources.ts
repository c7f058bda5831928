import type { AccessLevel } from '../gateway/action.ts'
import { account, orders } from './account.ts'
import { authorization, challenge } from './authorization.ts'
import { certificate } from './certificate.ts'
import { directory, newNonce } from './directory.ts'
import type { Handler } from './handler.ts'
import { keyChange } from './key-change.ts'
import { newAccount } from './new-account.ts'
import { finalize, newOrder, order } from './order.ts'
import { renewalInfo } from './renewal-info.ts'
import { revokeCert } from './revoke-cert.ts'

/** One resource of the door: who may ask it for what. */
export interface Resource {
  /** Below `/acme/`; `*`: any one segment. */
  readonly path: string
  /** As limits, logs and the audit trail name it. */
  readonly name: string
  readonly access: AccessLevel
  /** Served without a signature, by GET and HEAD. */
  readonly public: boolean
  /** Who signs a POST (RFC 8555 section 6.2); undefined: there is none. */
  readonly signedBy: 'account' | 'key' | 'either' | undefined
  /** POST-as-GET alone: the payload is empty. */
  readonly onlyShows: boolean
  /** Ends what there is and asks for nothing new: stays open to accounts whose external account key is off, deleted or over. */
  readonly onlyEnds: boolean
  /** Stays open to right signatures from addresses that had too many wrong ones. */
  readonly neverStarved: boolean
  readonly run: Handler
}

const shown = { access: 'get', public: false, signedBy: 'account', onlyShows: true, onlyEnds: false, neverStarved: false } as const
const done = { public: false, signedBy: 'account', onlyShows: false, onlyEnds: false, neverStarved: false } as const
const ended = { ...done, onlyEnds: true } as const

const resources: readonly Resource[] = [
  { ...shown, path: 'directory', name: 'AcmeDirectory', public: true, neverStarved: true, run: directory },
  { ...shown, path: 'new-nonce', name: 'AcmeNewNonce', public: true, neverStarved: true, run: newNonce },
  { ...done, path: 'new-account', name: 'AcmeNewAccount', access: 'create', signedBy: 'key', run: newAccount },
  { ...ended, path: 'account/*', name: 'AcmeAccount', access: 'update', run: account },
  { ...shown, path: 'account/*/orders', name: 'AcmeListOrders', access: 'list', run: orders },
  { ...ended, path: 'key-change', name: 'AcmeKeyChange', access: 'update', run: keyChange },
  { ...done, path: 'new-order', name: 'AcmeNewOrder', access: 'create', run: newOrder },
  { ...shown, path: 'order/*', name: 'AcmeOrder', run: order },
  { ...done, path: 'order/*/finalize', name: 'AcmeFinalize', access: 'update', run: finalize },
  { ...done, path: 'authorization/*', name: 'AcmeAuthorization', access: 'update', run: authorization },
  { ...done, path: 'challenge/*/*', name: 'AcmeChallenge', access: 'update', run: challenge },
  { ...shown, path: 'certificate/*', name: 'AcmeCertificate', run: certificate },
  { ...shown, path: 'certificate/*/*', name: 'AcmeCertificate', run: certificate },
  { ...ended, path: 'revoke-cert', name: 'AcmeRevokeCert', access: 'delete', signedBy: 'either', neverStarved: true, run: revokeCert },
  { ...shown, path: 'renewal-info/*', name: 'AcmeRenewalInfo', public: true, signedBy: undefined, run: renewalInfo },
]

const byFirst = Map.groupBy(
  resources.map((resource) => ({ resource, segments: resource.path.split('/') })),
  ({ segments }) => segments[0],
)

/** The resource at a path below `/acme/`, with what stands at its stars. */
export function findResource(path: string): { readonly resource: Resource; readonly params: readonly string[] } | undefined {
  const asked = path.split('/')
  const found = byFirst
    .get(asked[0])
    ?.find(
      ({ segments }) =>
        segments.length === asked.length && segments.every((one, at) => (one === '*' ? asked[at] !== '' : one === asked[at])),
    )
  return found && { resource: found.resource, params: asked.filter((_, at) => found.segments[at] === '*') }
}

/** The methods of a resource, as `Allow` lists them. */
export function methodsOf({ public: isPublic, signedBy }: Resource): readonly string[] {
  return [...(isPublic ? ['GET', 'HEAD'] : []), ...(signedBy === undefined ? [] : ['POST']), 'OPTIONS']
}
