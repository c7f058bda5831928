import type { CertificateReference } from '../../certificates/describe-certificate.ts'
import type { ActionTarget, UncheckedInput } from '../../gateway/action.ts'
import { Problem } from '../../problem.ts'

/** The certificate that the parameter names. */
export function certificateTarget(parameter: 'CertId' | 'CertificateId'): ActionTarget {
  return { resources: (input) => idOf(input, parameter) }
}

/** The certificate that `CertId` names, or all that share a `ResourceId`. The handler asks again for the one it finds. */
export const referenceTarget: ActionTarget = {
  resources: (input) => {
    const byId = idOf(input, 'CertId')
    return byId.length > 0 ? byId : idOf(input, 'ResourceId')
  },
}

function idOf(input: UncheckedInput, parameter: string): readonly string[] {
  const id = input[parameter]
  return typeof id === 'string' && id !== '' ? [`certificate/${id}`] : []
}

/** `CertId` or `ResourceId`. Throws Problem missingParameter, invalidParameter. */
export function referenceOf({
  CertId,
  ResourceId,
}: {
  CertId?: number | undefined
  ResourceId?: string | undefined
}): CertificateReference {
  if (CertId !== undefined && ResourceId !== undefined) {
    throw new Problem('invalidParameter', { P: 'ResourceId', rule: 'CertId or ResourceId is needed, not both.' })
  }
  if (ResourceId !== undefined) return { resource: ResourceId }
  if (CertId === undefined) throw new Problem('missingParameter', { P: 'CertId' })
  return { certId: CertId }
}
