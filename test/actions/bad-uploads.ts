import { makeAuthority, makeKey } from '../certificates/make-certificates.ts'
import { runOpenssl } from '../x509/openssl.ts'
import type { BadInput } from './bad-orders.ts'

/** The name of a certificate that is stored before these calls. */
export const takenName = 'Taken by another'

const ca = await makeAuthority('a root')
const leaf = await ca.issue({ cn: 'uploaded.example.com' })
const edwards = await ca.issue({ cn: 'edwards.example.com', kind: 'ed25519' })
const stranger = await makeAuthority('a stranger')
const otherKey = await makeKey('ec')
const encryptedKey = await runOpenssl(['pkey', '-in', '@key', '-aes128', '-passout', 'pass:secret'], { key: leaf.key })

/** A certificate with its key, that is taken. */
export const goodUpload = { Name: 'a good one', Cert: leaf.cert, Key: leaf.key }
const sign = { SignCert: leaf.cert, SignPrivateKey: leaf.key }
const ofSm2 = { Cert: undefined, Key: undefined, ...sign, EncryptCert: leaf.cert, EncryptPrivateKey: leaf.key }

function bad(title: string, change: BadInput['change'], says: string, code = 'InvalidParameter', status = 400): BadInput {
  return { title, action: 'UploadUserCertificate', change, code, status, says: [says] }
}

const name = (title: string, Name: string, rule: string) => bad(title, { Name }, rule)
const key = (title: string, Key: string, rule: string) => bad(title, { Key }, rule, 'PrivateKeyFormatException')
const cert = (title: string, Cert: string, rule: string) => bad(title, { Cert }, rule, 'CertificateFormatException')

/** Uploads that are refused, each by the one rule that it breaks. */
export const badUploads: readonly BadInput[] = [
  bad('an empty Name', { Name: '' }, 'Name is mandatory', 'MissingName'),
  bad('a Name that is taken', { Name: takenName }, 'exists', 'NameRepeat'),
  bad('a Name that is taken in other letters', { Name: takenName.toUpperCase() }, 'exists', 'NameRepeat'),
  name('a Name of 64 characters', 'n'.repeat(64), '63 characters'),
  name('a Name of blanks', '   ', 'blanks'),
  name('a Name with a line break', 'one\ntwo', 'control characters'),
  name('a Name as issued certificates have', 'CERT-10000001', 'issued certificates'),
  bad('no Cert', { Cert: undefined }, 'Cert is mandatory', 'MissingCert'),
  bad('no Key', { Key: undefined }, 'Key is mandatory', 'MissingKey'),
  bad('an empty Key', { Key: '' }, 'Key is mandatory', 'MissingKey'),
  key('a Key that is none', 'no key', 'not PEM'),
  key('a certificate as Key', leaf.cert, 'Exactly one PEM block'),
  key('two keys', leaf.key + otherKey, 'Exactly one PEM block'),
  key('an encrypted Key', encryptedKey, 'passphrase'),
  key('a Key of other octets', '-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n', 'no private key'),
  key('a Key that is too long', 'k'.repeat(32_769), '32768 characters'),
  cert('a Cert that is none', 'no certificate', 'no PEM block'),
  cert('a key in Cert', leaf.cert + leaf.key, 'no certificate'),
  cert('a Cert of other octets', '-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n', 'X.509'),
  cert('a Cert that is too long', 'c'.repeat(131_073), '131072 characters'),
  cert('eleven certificates', leaf.cert + ca.cert.repeat(10), 'more than 10'),
  bad('a Cert of a key that nobody serves', { Cert: edwards.cert, Key: edwards.key }, 'none of RSA', 'CertificateFormatException'),
  bad('the Key of another', { Key: otherKey }, 'first certificate', 'NotMatch.CertificateAndPrivateKey'),
  bad('the issuer before the leaf', { Cert: ca.cert + leaf.cert }, 'first certificate', 'NotMatch.CertificateAndPrivateKey'),
  bad('the issuer of another', { Cert: leaf.cert + stranger.cert }, 'not issued by certificate 2', 'CertificateChainNotMatch'),
  bad('the leaf twice', { Cert: leaf.cert + leaf.cert }, 'not issued by certificate 2', 'CertificateChainNotMatch'),
  bad('an SM2 set without SignPrivateKey', { ...ofSm2, SignPrivateKey: '' }, 'SignPrivateKey is mandatory', 'MissingSignPrivateKey'),
  bad('an SM2 set without EncryptCert', { ...ofSm2, EncryptCert: '' }, 'EncryptCert is mandatory', 'MissingEncryptCert'),
  bad('an SM2 set of another algorithm', ofSm2, 'SignCert', 'CertificateFormatException'),
  bad('a ResourceGroupId of another form', { ResourceGroupId: 'web' }, '"ResourceGroupId"'),
  bad('a tag key of 65 characters', { 'Tags.1.Key': 'k'.repeat(65) }, '64 characters'),
  bad('a ClientToken of 65 characters', { ClientToken: 't'.repeat(65) }, '"ClientToken"'),
]
