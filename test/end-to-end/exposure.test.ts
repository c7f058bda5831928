import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { type RequestOptions, request } from 'node:https'
import { describe, it } from 'node:test'
import { application, describeService, itOnEngine, withService } from '../support/service.ts'
import { sendSigned, signCall } from '../support/signed-call.ts'
import { countStored } from '../support/stored.ts'

describe('who is served what', { concurrency: 4 }, () => {
  itOnEngine(
    'sqlite',
    'a call that a proxy of nobody forwarded is refused at the loopback listener, whatever header says so',
    async (data) => {
      await withService(data, async (service) => {
        const base = service.addresses.http ?? ''
        const before = await countStored(service)
        for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Real-IP', 'Via']) {
          const signed = signCall('CreateCertificateRequest', application)
          const answer = await sendSigned(base, { ...signed, headers: [...signed.headers, [name, '192.0.2.7']] })
          assert.deepEqual({ status: answer.status, code: answer.body['Code'] }, { status: 404, code: 'InvalidProtocol.NeedSsl' }, name)
        }
        assert.deepEqual(await countStored(service), before)
        await service.succeed('CreateCertificateRequest', application)
      })
    },
  )

  itOnEngine('sqlite', 'a call that a trusted proxy forwarded is served', async (data) => {
    await withService(
      data,
      async (service) => {
        const signed = signCall('DescribePackageState', {})
        const forwarded = { ...signed, headers: [...signed.headers, ['X-Forwarded-For', '192.0.2.7'] as [string, string]] }
        assert.equal((await sendSigned(service.addresses.http ?? '', forwarded)).status, 200)
      },
      { CHANCERY_TRUSTED_PROXIES: '127.0.0.1/32' },
    )
  })

  itOnEngine('sqlite', 'an HTTP listener off the loopback serves certificates, CRLs and health, and no signed call', async (data) => {
    await withService(
      data,
      async (service) => {
        const base = `http://127.0.0.1:${new URL(service.addresses.http ?? '').port}`
        const answer = await sendSigned(base, signCall('DescribePackageState', {}))
        assert.deepEqual({ status: answer.status, code: answer.body['Code'] }, { status: 404, code: 'InvalidProtocol.NeedSsl' })
        for (const path of ['/healthz', '/readyz', '/ca/root.pem']) assert.equal((await fetch(`${base}${path}`)).status, 200, path)
        assert.equal((await fetch(`${base}/metrics`)).status, 404)
      },
      { CHANCERY_HTTP_LISTEN: '0.0.0.0:0' },
    )
  })

  itOnEngine('sqlite', 'every listener answers /healthz and /readyz; only the one for operators has /metrics', async (data) => {
    const env = { CHANCERY_ADMIN_LISTEN: '127.0.0.1:0' }
    await withService(
      data,
      async ({ addresses }) => {
        for (const base of [addresses.http, addresses.admin]) {
          assert.equal(await (await fetch(`${base}/healthz`)).text(), 'ok\n')
          assert.equal(await (await fetch(`${base}/readyz`)).text(), 'ready\n')
        }
        assert.match(await (await fetch(`${addresses.admin}/metrics`)).text(), /^# HELP /m)
        assert.notEqual((await fetch(`${addresses.http}/metrics`)).status, 200)
        const signed = await sendSigned(addresses.admin ?? '', signCall('DescribePackageState', {}))
        assert.equal(signed.body['Code'], 'InvalidProtocol.NeedSsl')
      },
      env,
    )
  })

  itOnEngine(
    'sqlite',
    'the HTTPS listener has a certificate for localhost that /ca/root.pem proves, and serves signed calls',
    async (data) => {
      await withService(
        data,
        async (service) => {
          const ca = await (await service.get('/ca/root.pem')).text()
          const port = Number(new URL(service.addresses.https ?? '').port)
          const { method, target: path, headers } = signCall('DescribePackageState', {})
          const signed = { method, path, headers: { ...Object.fromEntries(headers), 'Content-Length': '0' } }
          const { status, peer } = await ask({ host: 'localhost', port, ca, path: '/healthz' })
          assert.equal(status, 200)
          assert.equal(new X509Certificate(peer).ca, false)
          const answer = await ask({ host: 'localhost', port, ca, ...signed, headers: { ...signed.headers, Host: 'localhost' } })
          assert.equal(answer.status, 200, answer.text)
          await assert.rejects(ask({ host: 'localhost', port, path: '/healthz' }), /SELF_SIGNED|unable to|self-signed/)
        },
        { CHANCERY_HTTPS_LISTEN: '127.0.0.1:0' },
      )
    },
  )
})

interface SecureAnswer {
  readonly status: number
  readonly text: string
  readonly peer: Buffer
}

function ask(options: RequestOptions): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent: false, ...options }, (res) => {
      const socket = res.socket as unknown as { getPeerCertificate(): { raw: Buffer } }
      const peer = socket.getPeerCertificate().raw
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (text += chunk))
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text, peer }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

describeService(
  'secrets in calls',
  (service) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
    const secretPart = pem.split('\n')[1] ?? ''
    const ways: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      'in a parameter that the action ignores': { ...application, Key: pem },
      'in a parameter that is refused for it': { ...application, Domain: pem },
      'in a parameter name': { ...application, [`Tags.1.${pem}`]: 'x' },
      'as a ClientToken': { ...application, ClientToken: pem },
      'as an applicant': { ...application, Username: pem },
    }
    it('a private key sent in a call is in no line of the log, wherever it was put and however the call ends', async () => {
      for (const [way, parameters] of Object.entries(ways)) {
        for (const place of ['query', 'form'] as const) {
          await service().call('CreateCertificateRequest', parameters, { place })
          await service().call('NoSuchAction', parameters, { place })
          await service().call('CreateCertificateRequest', parameters, {
            place,
            key: { accessKeyId: 'testid', secret: 'a-wrong-secret-here' },
          })
          await service().call('CreateCertificateRequest', parameters, { place, key: { accessKeyId: pem, secret: 'x' } })
        }
        const lines = service().logLines.join('')
        assert.ok(lines.includes('rpc call'), 'calls are logged')
        assert.ok(!lines.includes(secretPart) && !lines.includes(encodeURIComponent(secretPart)), way)
      }
    })
  },
  { only: 'sqlite' },
)
