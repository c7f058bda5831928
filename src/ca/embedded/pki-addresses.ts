/** The addresses that certificates hold, made from one base. They are fixed at the CA's making: revocation depends on them. */
export interface PkiAddresses {
  caIssuersUrl(issuerId: string): string
  crlUrl(issuerId: string, shard: number): string
}

/** Addresses below an http URL (BR 7.1.2.7.7: http only); undefined stands for no addresses. Throws a plain Error on another scheme. */
export function createPkiAddresses(pkiUrl: string | undefined): PkiAddresses | undefined {
  if (pkiUrl === undefined) return undefined
  const url = URL.canParse(pkiUrl) ? new URL(pkiUrl) : undefined
  if (url?.protocol !== 'http:' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new Error('the address of the PKI files must be an http URL without query, fragment and user')
  }
  const base = url.href.replace(/\/+$/, '')
  return {
    caIssuersUrl: (issuerId) => `${base}/ca/${issuerId}.crt`,
    crlUrl: (issuerId, shard) => `${base}/crl/${issuerId}-${shard}.crl`,
  }
}
