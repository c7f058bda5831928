import type { CertificateAuthority } from '../../../src/ca/certificate-authority.ts'
import { type EmbeddedAuthorityOptions, openEmbeddedAuthority as openReal } from '../../../src/ca/embedded/open-authority.ts'
import { reach } from '../kill-points.ts'

/** The embedded CA, with a point after each of its steps. */
export function openEmbeddedAuthority(options: EmbeddedAuthorityOptions): CertificateAuthority {
  const real = openReal(options)
  return {
    ...real,
    prepare: (request) => passing('prepare:after', real.prepare(request)),
    sign: (intent) => passing('sign:after', real.sign(intent)),
    signCrl: (request) => passing('signCrl:after', real.signCrl(request)),
  }
}

async function passing<T>(point: string, step: Promise<T>): Promise<T> {
  const result = await step
  reach(point)
  return result
}
