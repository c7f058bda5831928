import { encodePem } from '../../src/x509/pem.ts'
import { assembleCertificationRequest, buildCertificationRequestInfo } from '../../src/x509/csr.ts'
import { generateTestKey, signWith, type TestKey } from '../x509/keys.ts'

/** A CSR in PEM for a name, by a new key unless one is given. */
export function makeCsr(commonName: string | undefined, key: TestKey = generateTestKey('P-256'), dnsNames: readonly string[] = []): string {
  const infoDer = buildCertificationRequestInfo({ subject: { commonName }, spkiDer: key.spkiDer, dnsNames })
  return encodePem('CERTIFICATE REQUEST', assembleCertificationRequest(infoDer, key.algorithm, signWith(key, infoDer)))
}
