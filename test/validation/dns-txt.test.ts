import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { TRUNCATED_RESPONSE } from 'dns-packet'
import type { Answer } from 'dns-packet'
import { startDnsServer } from '../../demo/dns-server.ts'
import { checkDnsTxt } from '../../src/validation/dns-txt.ts'
import { createDnsClient } from '../../src/validation/net/dns-client.ts'
import { cname, replyTo, startScriptedResolver, txt } from './scripted-resolver.ts'
import type { Asked } from './scripted-resolver.ts'

const token = '202604200000000abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklm'
const record = '_dnsauth.example.com'
const never = new AbortController().signal

function check(resolvers: readonly { address: string; port: number }[], timeoutMs = 2000) {
  const client = createDnsClient({ resolvers, timeoutMs, tries: 1, randomBytes })
  return checkDnsTxt({ client }, { method: 'DNS', record: '_dnsauth.example.com', expected: token }, never)
}

async function checkAgainst(script: (asked: Asked) => void, timeoutMs?: number) {
  await using server = await startScriptedResolver(script)
  return { attempt: await check([server.resolver], timeoutMs), asked: server.asked.map((asked) => asked.packet.questions?.[0]?.name) }
}

const answerWith = (...answers: Answer[]) => checkAgainst((asked) => asked.send(replyTo(asked, { answers })))

describe('a DNS proof', () => {
  it('holds when the token is in TXT at _dnsauth.<name> (BR 3.2.2.4.7)', async () => {
    const { attempt, asked } = await answerWith(txt(record, token))
    assert.equal(attempt.proven, true)
    assert.equal(attempt.failure, undefined)
    assert.match(attempt.message, /^Asked for TXT at _dnsauth\.example\.com of 127\.0\.0\.1:\d+: the expected value is there\.$/)
    assert.deepEqual(asked, [record])
    assert.deepEqual(JSON.parse(JSON.stringify(attempt.evidence)), attempt.evidence)
    assert.equal(attempt.evidence.queries[0]?.answers[0]?.value, `"${token}"`)
  })

  it('holds when one of many values is the token, so that parallel orders work', async () => {
    const others = Array.from({ length: 40 }, (_, i) => txt(record, `other ${i}`))
    assert.equal((await answerWith(...others, txt(record, token), ...others)).attempt.proven, true)
  })

  it('joins the character-strings of one record, but not those of two (BR 3.2.2.4.7)', async () => {
    assert.equal((await answerWith(txt(record, token.slice(0, 20), '', token.slice(20)))).attempt.proven, true)
    const { attempt } = await answerWith(txt(record, token.slice(0, 20)), txt(record, token.slice(20)))
    assert.deepEqual([attempt.proven, attempt.failure], [false, 'wrongValue'])
  })

  it('wants the whole value and nothing more', async () => {
    for (const value of [`"${token}"`, ` ${token}`, `${token} `, token.toUpperCase(), token.slice(1), '', `${token.slice(0, -1)}\u016d`]) {
      const { attempt } = await answerWith(txt(record, value))
      assert.deepEqual([attempt.proven, attempt.failure], [false, 'wrongValue'], value)
    }
  })

  it('does not accept the token at another name of the same answer', async () => {
    const { attempt } = await answerWith(txt('_dnsauth.example.org', token))
    assert.deepEqual([attempt.proven, attempt.failure], [false, 'noRecord'])
  })

  it('does not accept a record of another class', async () => {
    const { attempt } = await answerWith({ type: 'TXT', name: record, class: 'CH', data: token })
    assert.equal(attempt.proven, false)
  })

  it('holds with the owner name in other case (RFC 4343)', async () => {
    assert.equal((await answerWith(txt(record.toUpperCase(), token))).attempt.proven, true)
  })

  it('holds over TCP after truncation (RFC 7766)', async () => {
    const { attempt } = await checkAgainst((asked) => {
      if (asked.transport === 'udp') asked.send(replyTo(asked, { flags: TRUNCATED_RESPONSE }))
      else asked.send(replyTo(asked, { answers: [txt(record, token)] }))
    })
    assert.equal(attempt.proven, true)
  })
})

describe('a DNS proof behind CNAMEs', () => {
  it('holds when one answer has the CNAME and the TXT', async () => {
    const { attempt, asked } = await answerWith(txt('a.example.net', token), cname(record, 'A.example.net'))
    assert.equal(attempt.proven, true)
    assert.match(attempt.message, /through the CNAME to "A\.example\.net"/)
    assert.equal(asked.length, 1)
  })

  it('holds when the target has to be asked for', async () => {
    const { attempt, asked } = await checkAgainst((question) => {
      const isTarget = question.packet.questions?.[0]?.name === 'a.example.net'
      question.send(replyTo(question, { answers: [isTarget ? txt('a.example.net', token) : cname(record, 'a.example.net')] }))
    })
    assert.equal(attempt.proven, true)
    assert.deepEqual(asked, [record, 'a.example.net'])
    assert.equal(attempt.evidence.queries.length, 2)
    assert.equal(attempt.evidence.target, 'a.example.net')
  })

  it('keeps where CNAMEs lead, also without a record there, but no target that could not be asked for', async () => {
    const none = await answerWith(cname(record, 'a.example.net'), cname('a.example.net', 'b.example.net'))
    assert.deepEqual([none.attempt.proven, none.attempt.evidence.target], [false, 'b.example.net'])
    const odd = await checkAgainst((question) => {
      question.send(replyTo(question, { rcode: 3, answers: [cname(record, 'a name.example.net')] }))
    })
    assert.deepEqual([odd.attempt.failure, odd.attempt.evidence.target], ['nxdomain', undefined])
    assert.equal((await answerWith(txt(record, token))).attempt.evidence.target, undefined)
  })

  it('follows 8 CNAMEs and not 9', async () => {
    const chainOf = (length: number) => {
      const names = [record, ...Array.from({ length }, (_, i) => `${i}.example.net`)]
      return names.map((name, i) => (i === length ? txt(name, token) : cname(name, names[i + 1] ?? '')))
    }
    assert.equal((await answerWith(...chainOf(8))).attempt.proven, true)
    const { attempt } = await answerWith(...chainOf(9))
    assert.deepEqual([attempt.proven, attempt.failure], [false, 'malformed'])
    assert.match(attempt.message, /longer than 8/)
  })

  it('counts the CNAMEs of all answers together', async () => {
    let hop = 0
    const { attempt, asked } = await checkAgainst((question) => {
      hop += 1
      question.send(replyTo(question, { answers: [cname(question.packet.questions?.[0]?.name ?? '', `${hop}.example.net`)] }))
    })
    assert.equal(attempt.failure, 'malformed')
    assert.equal(asked.length, 9)
  })

  it('fails readably on a loop, in one answer and over several', async () => {
    const inOne = await answerWith(cname(record, 'a.example.net'), cname('a.example.net', record))
    assert.equal(inOne.attempt.failure, 'malformed')
    assert.match(inOne.attempt.message, /form a loop at "_dnsauth\.example\.com"/)
    const inTwo = await checkAgainst((question) => {
      const name = question.packet.questions?.[0]?.name ?? ''
      question.send(replyTo(question, { answers: [cname(name, name === record ? 'a.example.net' : record)] }))
    })
    assert.equal(inTwo.attempt.failure, 'malformed')
    assert.equal(inTwo.asked.length, 2)
  })

  it('fails as NXDOMAIN when the target does not exist', async () => {
    const server = await startDnsServer()
    server.setCname(record, 'gone.example.net')
    const attempt = await check([server])
    await server.close()
    assert.equal(attempt.failure, 'nxdomain')
    assert.match(attempt.message, /CNAME to "gone\.example\.net"/)
  })

  it('fails without a crash on a target that is no name we could ask for', async () => {
    const { attempt } = await answerWith(cname(record, 'sp ace.example.net'))
    assert.equal(attempt.failure, 'malformed')
  })
})

describe('a DNS proof that fails', () => {
  it('says that the name does not exist', async () => {
    const { attempt } = await checkAgainst((asked) => asked.send(replyTo(asked, { rcode: 3 })))
    assert.deepEqual([attempt.proven, attempt.failure], [false, 'nxdomain'])
    assert.match(attempt.message, /does not exist \(NXDOMAIN\)\.$/)
    assert.equal(attempt.evidence.queries[0]?.rcode, 'NXDOMAIN')
  })

  it('says that there is no TXT record', async () => {
    const { attempt } = await answerWith()
    assert.equal(attempt.failure, 'noRecord')
    assert.match(attempt.message, /exists but has no TXT record\.$/)
  })

  it('shows what was seen instead, cut and escaped', async () => {
    const { attempt } = await answerWith(txt(record, `line\n"break" \u00ff`, 'x'.repeat(200)), txt(record, 'second'))
    assert.equal(attempt.failure, 'wrongValue')
    assert.match(attempt.message, /none of the 2 TXT values is the expected one; seen "line\\010\\"break\\" \\195\\191x{85}…", "second"\.$/)
    assert.ok(!/[^ -~…]/.test(JSON.stringify(attempt)))
  })

  it('says SERVFAIL, REFUSED and other codes apart', async () => {
    for (const [rcode, failure] of [
      [2, 'servfail'],
      [5, 'refused'],
      [4, 'refused'],
    ] as const) {
      const { attempt } = await checkAgainst((asked) => asked.send(replyTo(asked, { rcode, answers: [txt(record, token)] })))
      assert.deepEqual([attempt.proven, attempt.failure], [false, failure])
    }
  })

  it('says that the resolver does not answer', async () => {
    const { attempt } = await checkAgainst(() => undefined, 50)
    assert.equal(attempt.failure, 'timeout')
    assert.match(attempt.message, /no answer in time \(no reply within 50 ms\)\.$/)
  })

  it('says that nobody listens', async () => {
    const server = await startScriptedResolver(() => undefined)
    await server[Symbol.asyncDispose]()
    assert.equal((await check([server.resolver])).failure, 'network')
  })

  it('says that the reply is unreadable', async () => {
    const { attempt } = await checkAgainst((asked) => asked.send(replyTo(asked, { answers: [txt(record, token)] }).subarray(0, -1)))
    assert.equal(attempt.failure, 'malformed')
  })

  it('asks the second resolver when the first is a black hole', async () => {
    await using hole = await startScriptedResolver(() => undefined)
    await using server = await startScriptedResolver((asked) => asked.send(replyTo(asked, { answers: [txt(record, token)] })))
    assert.equal((await check([hole.resolver, server.resolver], 500)).proven, true)
  })
})
