import assert from 'node:assert/strict'
import { it } from 'node:test'
import { describeState } from '../../src/cli/apply-for-certificate.ts'

it('an order that awaits its proof is told to publish the record where its CNAME leads', () => {
  const name = { Domain: 'www.example.com', Proven: false, RecordDomain: '_dnsauth.www.example.com', RecordType: 'TXT', RecordValue: 'v' }
  const recordOf = (one: Record<string, unknown>) => describeState({ Type: 'domain_verify', ValidateType: 'DNS', Validations: [one] })[1]
  assert.equal(recordOf(name), 'record       _dnsauth.www.example.com  TXT  v')
  assert.equal(recordOf({ ...name, PublishAt: 'www.proofs.example.net' }), 'record       www.proofs.example.net  TXT  v')
})
