import { createPrivateKey, X509Certificate } from 'node:crypto'
import { requiredChecks } from '../../src/orders/review-checks.ts'
import type { Application, Book } from './book.ts'
import { codeOf, EXTENSIONS, read, type Surroundings } from './client-steps.ts'

/** Sends an application, for the first time or again: the token makes it the same. */
export async function apply(at: Surroundings, application: Application): Promise<void> {
  const { client, book, people } = at
  const { action, input } = toCall(application)
  const reviewed = application.aim === 'review' || application.aim === 'reject'
  const key = reviewed ? people.applicant : undefined
  const answer = await client.call(action, { ...input, ClientToken: application.token }, undefined, key)
  const { OrderId } = read(book, action, answer)
  if (typeof OrderId !== 'number') return
  if (application.orderId !== undefined && application.orderId !== OrderId) {
    book.violations.push(`the token of order ${application.orderId} later gave order ${OrderId}`)
  }
  application.orderId = OrderId
}

function toCall({ aim, domain, renews }: Application): { action: string; input: Record<string, string> } {
  const applicant = { Username: 'Tom', Phone: '13900001234', Email: 'tom@example.com', Domain: domain, ValidateType: 'DNS' }
  switch (aim) {
    case 'renewal':
      return { action: 'RenewCertificateOrderForPackageRequest', input: { OrderId: String(renews?.orderId) } }
    case 'renew':
      return { action: 'CreateCertificateForPackageRequest', input: { ...applicant, ProductCode: 'crash-dv' } }
    case 'review':
    case 'reject':
      return { action: 'CreateCertificateForPackageRequest', input: { ...applicant, ProductCode: 'crash-ov' } }
    case 'issue':
    case 'withdraw':
    case 'fail':
      return {
        action: 'CreateCertificateRequest',
        input: { ...applicant, ProductCode: 'digicert-free-1-free', KeyAlgorithm: 'ECC_256' },
      }
  }
}

/** Looks at an order, and does what its application is up to next. */
export async function look(at: Surroundings, application: Application): Promise<void> {
  const { client, book, dns } = at
  const answer = await client.call('DescribeCertificateState', { OrderId: String(application.orderId) })
  if (application.deletion === 'asked' && codeOf(answer) === 'NotFoundOrder') {
    application.deletion = 'acknowledged'
    return
  }
  const state = read(book, 'DescribeCertificateState', answer)
  const type = String(state['Type'])
  if (application.expected !== undefined && type !== application.expected) {
    book.violations.push(`order ${application.orderId} was moved to ${application.expected} and is ${type}`)
  }
  application.expected = undefined
  application.nextLookAt = performance.now() + 150
  if (application.certificateId !== undefined && type !== 'certificate') {
    book.violations.push(`order ${application.orderId} was issued and is ${type}`)
  }
  switch (type) {
    case 'certificate':
      keepCertificate(book, application, state)
      if (application.aim === 'renew') await apply(at, application.renewal ?? book.renew(application))
      return
    case 'domain_verify':
      if (application.aim === 'withdraw') return await move(at, application, 'CancelOrderRequest', 'payed')
      // Nobody proves it: it is waited out.
      if (application.aim === 'fail' || application.published) return
      dns.setTxt(String(state['RecordDomain']), [String(state['RecordValue'])])
      application.published = true
      return
    case 'payed':
      // The record of an earlier application does not count.
      application.published = false
      if (application.aim === 'withdraw' && application.submissions > 0) return await remove(at, application)
      await move(at, application, 'SubmitOrder', undefined)
      application.submissions += 1
      return
    case 'process':
      if (application.aim === 'review' || application.aim === 'reject') await review(at, application)
      return
    case 'verify_fail':
      return await remove(at, application)
    default:
  }
}

/** Moves an order; a refusal says that it is not where the client saw it last, and the next look tells where it is. */
async function move({ client, book }: Surroundings, application: Application, action: string, type: string | undefined): Promise<void> {
  const version = action === 'SubmitOrder' ? EXTENSIONS : undefined
  const answer = await client.call(action, { OrderId: String(application.orderId) }, version)
  if (answer.status === 200) application.expected = type
  else if (codeOf(answer) !== 'OrderStateError') read(book, action, answer)
}

async function remove({ client, book }: Surroundings, application: Application): Promise<void> {
  application.deletion = 'asked'
  const answer = await client.call('DeleteCertificateRequest', { OrderId: String(application.orderId) })
  if (answer.status === 200) application.deletion = 'acknowledged'
  else read(book, 'DeleteCertificateRequest', answer)
}

/** A person of the operator's decides about a proven order. */
async function review({ client, book, people }: Surroundings, application: Application): Promise<void> {
  const approve = application.aim === 'review'
  const checks = requiredChecks('OV', true).map((name, index) => ({
    [`Checks.${index + 1}.Name`]: name,
    [`Checks.${index + 1}.Result`]: 'passed',
    [`Checks.${index + 1}.Source`]: 'A register.',
  }))
  const input = { OrderId: String(application.orderId), Decision: approve ? 'approve' : 'reject', Reason: 'A reason.' }
  const answer = await client.call('ReviewOrder', Object.assign(input, ...checks), EXTENSIONS, people.reviewer)
  // Proven and not handed to reviewers yet, or decided by a call whose answer was lost.
  if (codeOf(answer) !== 'OrderStateError') read(book, 'ReviewOrder', answer)
  if (answer.status === 200 && !approve) application.expected = 'verify_fail'
}

function keepCertificate(book: Book, application: Application, state: Readonly<Record<string, unknown>>): void {
  const certificateId = Number(state['CertId'])
  if (application.certificateId !== undefined && application.certificateId !== certificateId) {
    book.violations.push(`order ${application.orderId} had certificate ${application.certificateId} and has ${certificateId}`)
  }
  application.certificateId = certificateId
  if (application.revocation !== 'none') return
  const leaf = new X509Certificate(String(state['Certificate']))
  if (!leaf.checkHost(application.domain)) book.violations.push(`the certificate of ${application.domain} is for ${leaf.subjectAltName}`)
  if (!leaf.checkPrivateKey(createPrivateKey(String(state['PrivateKey'])))) book.violations.push(`the key of ${certificateId} is another's`)
}
