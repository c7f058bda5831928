import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { application, itOnBothEngines, startTestService, until, withService } from '../support/service.ts'
import { sendSigned, signCall } from '../support/signed-call.ts'

describe('a clean stop', { concurrency: 4 }, () => {
  itOnBothEngines('a call that is being sent when the service stops is answered; its effect is kept', async (data) => {
    const service = await startTestService(data)
    const { port } = new URL(service.addresses.http ?? '')
    const { target, headers, bodyBase64 } = signCall('CreateCertificateRequest', application, { place: 'form' })
    const body = Buffer.from(bodyBase64, 'base64')
    const head = [...headers, ['Content-Length', String(body.length)]].map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const socket = connect(Number(port), '127.0.0.1')
    socket.setEncoding('utf8')
    let answer = ''
    socket.on('data', (chunk: Buffer | string) => (answer += String(chunk)))
    socket.write(`POST ${target} HTTP/1.1\r\n${head}\r\n`)
    socket.write(body.subarray(0, 20))
    // Until the service holds the first half.
    await sleep(100)
    const stopped = service.stop()
    await sleep(100)
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`), 'a stopping service takes no new connections')
    socket.write(body.subarray(20))
    await once(socket, 'close')
    await stopped
    assert.match(answer, /^HTTP\/1\.1 200 /)
    assert.match(answer, /\r\nconnection: close\r\n/i)
    const OrderId = /"OrderId":(\d+)/.exec(answer)?.[1] ?? assert.fail(answer)
    await withService(data, async (next) => {
      assert.equal((await next.succeed('DescribeCertificateState', { OrderId }))['Type'], 'domain_verify')
    })
  })

  itOnBothEngines(
    'a look at the network under way is given up at the stop, and its order is free and due at the next start',
    async (data) => {
      // A resolver that hears and never answers.
      const silent = createSocket('udp4')
      silent.bind(0, '127.0.0.1')
      await once(silent, 'listening')
      let heard = 0
      silent.on('message', () => (heard += 1))
      const env = { CHANCERY_DNS_RESOLVERS: `127.0.0.1:${silent.address().port}`, CHANCERY_DNS_TIMEOUT_MS: '15000' }
      try {
        const service = await startTestService(data, env)
        const { OrderId } = await service.succeed('CreateCertificateRequest', application)
        await until('the runner to ask', () => Promise.resolve(heard > 0 ? true : undefined))
        const started = performance.now()
        await service.stop()
        assert.ok(performance.now() - started < 10_000, 'the stop does not wait for the resolver')
        await withService(
          data,
          async (next) => {
            const { db } = next.services
            const order = await db.read.selectFrom('orders').selectAll().where('id', '=', Number(OrderId)).executeTakeFirstOrThrow()
            assert.deepEqual([order.state, order.lease_owner, order.lease_until, order.attempts], ['validating', null, null, 0])
            assert.ok(order.run_at !== null && order.run_at <= Date.now(), 'the order is due')
          },
          // A process that serves calls only, and so leaves the order as it was left.
          { ...env, CHANCERY_ROLES: 'api' },
        )
      } finally {
        silent.close()
      }
    },
  )

  itOnBothEngines('a nonce that was used before a clean stop stays used', async (data) => {
    const signed = signCall('DescribePackageState', {})
    await withService(data, async (service) => {
      assert.equal((await sendSigned(service.addresses.http ?? '', signed)).status, 200)
      assert.equal((await sendSigned(service.addresses.http ?? '', signed)).body['Code'], 'SignatureNonceUsed')
    })
    await withService(data, async (service) => {
      assert.equal((await sendSigned(service.addresses.http ?? '', signed)).body['Code'], 'SignatureNonceUsed')
    })
  })
})
