import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import type { DnsServer } from '../../demo/dns-server.ts'
import { callAdminSocket } from '../../src/admin/socket.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import type { Application, Book } from './book.ts'
import type { AccessKey, Answer, Client } from './service.ts'

/** Where a client acts: a living service, its folder, and the DNS in which proofs are published. */
export interface Surroundings {
  readonly client: Client
  readonly book: Book
  readonly dns: Pick<DnsServer, 'setTxt'>
  readonly folder: string
  readonly people: People
}

/** Keys of users: of one who applies for what is reviewed, and of another who decides. */
export interface People {
  readonly applicant: AccessKey
  readonly reviewer: AccessKey
}

export const EXTENSIONS = '2026-12-01'

/** Makes a purchase of the book; the token makes it the same purchase each time. */
export async function buy({ client, book }: Surroundings, token: string): Promise<void> {
  const purchase = book.purchases.get(token)
  if (purchase === undefined) throw new Error(`the book has no purchase of the token ${token}`)
  const input = { ProductCode: purchase.productCode, Count: String(purchase.count), ClientToken: token }
  const answer = await client.call('PurchasePackage', input, EXTENSIONS)
  const { PackageId } = read(book, 'PurchasePackage', answer)
  if (typeof PackageId !== 'number') return
  const earlier = purchase.planId
  if (earlier !== undefined && earlier !== PackageId) book.violations.push(`the token of plan ${earlier} later gave ${PackageId}`)
  purchase.planId = PackageId
}

/** Revokes an issued certificate, as its applicant or as the operator does. */
export async function revoke(at: Surroundings, application: Application): Promise<void> {
  application.revocation = 'asked'
  if (application.revokedBy === 'applicant') await revokeOwn(at, application)
  else await revokeAtMachine(at, application)
}

async function revokeOwn({ client, book }: Surroundings, application: Application): Promise<void> {
  const answer = await client.call('CancelCertificateForPackageRequest', { OrderId: String(application.orderId) })
  if (answer.status === 200 || /revoked already/.test(answer.body.toString())) application.revocation = 'acknowledged'
  else read(book, 'CancelCertificateForPackageRequest', answer)
}

async function revokeAtMachine({ folder, book }: Surroundings, application: Application): Promise<void> {
  try {
    const input = { certificateId: application.certificateId, reason: 'superseded' }
    if ((await callAdminSocket(folder, 'certificate-revoke', input)) !== undefined) application.revocation = 'acknowledged'
  } catch (error) {
    // A broken connection says nothing; any other refusal but "it is revoked already" is a fault.
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined && message !== '' && !/revoked/i.test(message)) book.violations.push(`a revocation was refused: ${message}`)
    else if (code === undefined) application.revocation = 'acknowledged'
  }
}

/** Reads the CRL as anybody can. No number is ever given to two contents, and none goes back. */
export async function fetchCrl({ client, book }: Surroundings, issuerId: string): Promise<void> {
  const { status, body } = await client.get(`/crl/${issuerId}-0.crl`)
  if (status !== 200) return
  const number = Number(parseCrl(body).number)
  const digest = hash('sha256', body)
  const highest = Math.max(0, ...book.crls.keys())
  if (number < highest) book.violations.push(`CRL ${number} was served after ${highest}`)
  if ((book.crls.get(number) ?? digest) !== digest) book.violations.push(`CRL ${number} has two contents`)
  book.crls.set(number, digest)
}

/** Asks the running process to hold counters against the ledger, while orders flow. */
export async function audit({ folder, book }: Surroundings): Promise<void> {
  let reply: Awaited<ReturnType<typeof callAdminSocket>>
  try {
    reply = await callAdminSocket(folder, 'plan-audit', {})
  } catch {
    return
  }
  const result = reply?.result as { differences: unknown[]; orders: unknown[] } | undefined
  if (result === undefined) return
  if (result.differences.length > 0 || result.orders.length > 0) {
    book.violations.push(`plan audit of the running process: ${JSON.stringify(result).slice(0, 500)}`)
  }
}

/** A call signed and served before the kill is not served again after it. */
export async function assertReplayRefused({ client }: Surroundings, signed: Parameters<Client['send']>[0]): Promise<void> {
  const { status, body } = await client.send(signed)
  assert.notEqual(status, 200, `a replayed call was served: ${body.toString().slice(0, 300)}`)
  assert.match(body.toString(), /"Code":"(SignatureNonceUsed|InvalidTimeStamp\.Expired)"/)
}

/** `Code` of a refusal; empty for success. */
export function codeOf({ status, body }: Answer): string {
  if (status === 200) return ''
  const { Code } = JSON.parse(body.toString()) as { Code?: unknown }
  return String(Code)
}

export function read(book: Book, action: string, { status, body }: Answer): Record<string, unknown> {
  const parsed = JSON.parse(body.toString()) as Record<string, unknown>
  if (status !== 200) book.violations.push(`${action} was answered ${status} ${String(parsed['Code'])}: ${String(parsed['Message'])}`)
  return status === 200 ? parsed : {}
}
