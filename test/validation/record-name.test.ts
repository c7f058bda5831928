import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dnsHostLabel, dnsRecordName } from '../../src/validation/record-name.ts'

it('the record is at _dnsauth below the name, without *. for a wildcard (BR 3.2.2.4.7)', () => {
  assert.equal(dnsRecordName('www.example.com'), '_dnsauth.www.example.com')
  assert.equal(dnsRecordName('*.Example.com'), '_dnsauth.example.com')
})

it('the host label is relative to the registrable domain', () => {
  assert.equal(dnsHostLabel('example.com', 'example.com'), '_dnsauth')
  assert.equal(dnsHostLabel('*.example.co.uk', 'Example.co.uk'), '_dnsauth')
  assert.equal(dnsHostLabel('*.a.b.example.com', 'example.com'), '_dnsauth.a.b')
})

it('a host label outside the domain is an error and not a wrong label', () => {
  assert.throws(() => dnsHostLabel('notexample.com', 'example.com'))
  assert.throws(() => dnsHostLabel('com', 'example.com'))
})
