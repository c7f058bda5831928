import { X509Certificate } from 'node:crypto'

/** A verified path is short; what a server sends beyond is of no use. */
const MOST_CERTIFICATES = 10

/**
 * The SHA-1 fingerprints (hex, lower case) of a server's certificate and of those above it. A certificate counts only if it really signed for
 * one that counts already: what else a server sends along proves nothing, for anybody may send the certificate of any CA.
 *
 * @param presented as the server sent them, its own first
 * @param roots PEM
 */
export function listIssuingSha1s(presented: readonly X509Certificate[], roots: readonly string[]): string[] {
  const [leaf, ...others] = presented.slice(0, MOST_CERTIFICATES)
  if (leaf === undefined) return []
  const counted = new Map([[leaf.fingerprint256, leaf]])
  const waiting = [leaf]
  for (let subject = waiting.shift(); subject !== undefined; subject = waiting.shift()) {
    for (const issuer of [...others, ...findRoots(subject, roots)]) {
      if (counted.has(issuer.fingerprint256) || !signed(issuer, subject)) continue
      counted.set(issuer.fingerprint256, issuer)
      waiting.push(issuer)
    }
  }
  return [...counted.values()].map(({ fingerprint }) => fingerprint.replaceAll(':', '').toLowerCase())
}

function signed(issuer: X509Certificate, subject: X509Certificate): boolean {
  try {
    return subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
  } catch {
    // A key of a kind that OpenSSL does not verify with.
    return false
  }
}

/** Roots by subject, read once. */
const rootsBySubject = new WeakMap<readonly string[], Map<string, X509Certificate[]>>()

function findRoots(subject: X509Certificate, roots: readonly string[]): readonly X509Certificate[] {
  let bySubject = rootsBySubject.get(roots)
  if (bySubject === undefined) {
    bySubject = Map.groupBy(
      roots.map((pem) => new X509Certificate(pem)),
      (root) => root.subject,
    )
    rootsBySubject.set(roots, bySubject)
  }
  return bySubject.get(subject.issuer) ?? []
}
