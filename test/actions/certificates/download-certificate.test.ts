import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, it } from 'node:test'
import { promisify } from 'node:util'
import { decodePem } from '../../../src/x509/pem.ts'
import { makeAuthority, makeKey, type TestAuthority, type TestPair } from '../../certificates/make-certificates.ts'
import { canRunKeytool, importKeyStore, listKeyStore } from '../../support/keytool.ts'
import { reportNotRun } from '../../support/not-run.ts'
import { application, describeService, type TestService, until } from '../../support/service.ts'
import { extension } from '../../support/signed-call.ts'
import { createUserWithKey, grant, outcomeOf } from '../../support/tenants.ts'
import { runOpenssl } from '../../x509/openssl.ts'

interface File {
  readonly Name: string
  readonly Content?: string
  readonly ContentBase64?: string
}

const Password = 'a password'
let ca: TestAuthority
let leaf: TestPair

before(async () => {
  const root = await makeAuthority('A root')
  ca = await root.subordinate('A CA')
  leaf = await ca.issue({ cn: '*.example.com', kind: 'rsa' })
})

const proven = { proven: true, message: 'The record is there.', evidence: { method: 'DNS', queries: [] } } as const
const ports = () => ({ domainControl: { maxConcurrent: 4, check: () => Promise.resolve(proven) } })

let uploads = 0

async function upload(service: TestService, Cert = leaf.cert + ca.cert, Key = leaf.key) {
  const answer = await service.succeed('UploadUserCertificate', { Name: `to download ${++uploads}`, Cert, Key })
  return { CertId: String(answer['CertId']), ResourceId: String(answer['ResourceId']) }
}

async function download(service: TestService, parameters: Readonly<Record<string, string>>): Promise<readonly File[]> {
  const { Files } = await service.succeed('DownloadCertificate', parameters, extension)
  return Files as readonly File[]
}

/** Subjects of the certificates in a text. */
const subjects = (pem = '') =>
  decodePem(pem)
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ der }) => new X509Certificate(der).subject)

const names = (files: readonly File[]) => files.map(({ Name }) => Name)
const chain = ['CN=*.example.com', 'CN=A CA']

describeService(
  'the download of a certificate',
  (service) => {
    it('for nginx is one file of leaf and chain, and the key', async () => {
      const [pem, key, ...others] = await download(service(), { ...(await upload(service())), ResourceId: '', FileFormat: 'nginx' })
      assert.deepEqual([pem?.Name, key?.Name, others], ['_.example.com.pem', '_.example.com.key', []])
      assert.deepEqual([subjects(pem?.Content), key?.Content], [chain, leaf.key])
    })

    it('for nginx is a configuration that nginx accepts', async (t) => {
      const nginx = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'].find((path) => existsSync(path))
      if (nginx === undefined) {
        reportNotRun('downloads for nginx', 'nginx is not installed')
        return t.skip()
      }
      const folder = await mkdtemp(join(tmpdir(), 'chancery-download-'))
      try {
        const [pem, key] = await download(service(), { CertId: (await upload(service())).CertId, FileFormat: 'nginx' })
        await writeFile(join(folder, 'site.pem'), pem?.Content ?? '')
        await writeFile(join(folder, 'site.key'), key?.Content ?? '')
        const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`)
        const server = `server { listen 127.0.0.1:1 ssl; ssl_certificate ${folder}/site.pem; ssl_certificate_key ${folder}/site.key; }`
        await writeFile(
          join(folder, 'nginx.conf'),
          `pid ${folder}/pid; events {} http { access_log off; ${temporary.join(' ')} ${server} }`,
        )
        const { stderr } = await promisify(execFile)(nginx, ['-t', '-p', folder, '-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`])
        assert.match(stderr, /test is successful|syntax is ok/)
      } finally {
        await rm(folder, { recursive: true })
      }
    })

    it('for Apache is leaf, chain and key apart; without a chain there is no file of it', async () => {
      const { CertId } = await upload(service())
      const [crt, chainFile, key] = await download(service(), { CertId, FileFormat: 'apache' })
      assert.deepEqual(
        [crt?.Name, chainFile?.Name, key?.Name],
        ['_.example.com_public.crt', '_.example.com_chain.crt', '_.example.com.key'],
      )
      assert.deepEqual([subjects(crt?.Content), subjects(chainFile?.Content), key?.Content], [chain.slice(0, 1), chain.slice(1), leaf.key])
      const alone = await download(service(), { CertId: (await upload(service(), leaf.cert)).CertId, FileFormat: 'apache' })
      assert.deepEqual(names(alone), ['_.example.com_public.crt', '_.example.com.key'])
    })

    it('for HAProxy is one file: leaf, chain, key', async () => {
      const files = await download(service(), { CertId: (await upload(service())).CertId, FileFormat: 'haproxy' })
      assert.deepEqual(names(files), ['_.example.com.pem'])
      assert.equal(files[0]?.Content, leaf.cert + ca.cert + leaf.key)
    })

    it('for HAProxy is a file that haproxy accepts', async (t) => {
      const haproxy = ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/opt/homebrew/bin/haproxy'].find((path) => existsSync(path))
      if (haproxy === undefined) {
        reportNotRun('downloads for haproxy', 'haproxy is not installed')
        return t.skip()
      }
      const folder = await mkdtemp(join(tmpdir(), 'chancery-download-'))
      try {
        const [pem] = await download(service(), { CertId: (await upload(service())).CertId, FileFormat: 'haproxy' })
        const check = async (content: string): Promise<string> => {
          await writeFile(join(folder, 'site.pem'), content)
          const site = `frontend site\n  mode http\n  timeout client 5s\n  bind 127.0.0.1:1 ssl crt ${folder}/site.pem\n`
          await writeFile(join(folder, 'haproxy.cfg'), site)
          return await promisify(execFile)(haproxy, ['-c', '-f', join(folder, 'haproxy.cfg')]).then(
            () => 'accepted',
            (error: unknown) => String(error),
          )
        }
        assert.equal(await check(pem?.Content ?? ''), 'accepted')
        assert.match(await check(leaf.cert), /site\.pem/)
      } finally {
        await rm(folder, { recursive: true })
      }
    })

    it('as pem is the chain alone, and needs no permission for the key', async () => {
      const { CertId } = await upload(service())
      const key = await createUserWithKey(service(), 'downloader')
      await grant(service(), 'downloader', [{ Effect: 'Allow', Action: 'yundun-cert:DownloadCertificate', Resource: '*' }])
      const by = { ...extension, key }
      const { Files } = await service().succeed('DownloadCertificate', { CertId, FileFormat: 'pem' }, by)
      assert.deepEqual(Files, [{ Name: '_.example.com.pem', Content: leaf.cert + ca.cert }])
      for (const format of ['nginx', 'apache', 'haproxy', 'pkcs12', 'jks']) {
        const secret = format === 'pkcs12' || format === 'jks' ? { Password } : {}
        const answer = await service().call('DownloadCertificate', { CertId, FileFormat: format, ...secret }, by)
        assert.equal(outcomeOf(answer), '403 NoPermission', format)
        assert.ok(!answer.text.includes('BEGIN'), format)
      }
      const read = await service()
        .services.db.read.selectFrom('events')
        .select('id')
        .where('kind', '=', 'key.read')
        .where('resource', '=', `certificate/${CertId}`)
        .execute()
      assert.deepEqual(read, [])
      const Resource = `acs:yundun-cert:*:*:certificate/${CertId}`
      await grant(service(), 'downloader', [{ Effect: 'Allow', Action: 'yundun-cert:GetPrivateKey', Resource }])
      assert.equal(outcomeOf(await service().call('DownloadCertificate', { CertId, FileFormat: 'nginx' }, by)), 'OK')
      const [event] = await service()
        .services.db.read.selectFrom('events')
        .select('principal')
        .where('kind', '=', 'key.read')
        .where('resource', '=', `certificate/${CertId}`)
        .execute()
      assert.match(event?.principal ?? '', /user\/downloader$/)
    })

    it('as PKCS #12 is read by openssl, of an issued certificate too', async () => {
      const { OrderId } = await service().succeed('CreateCertificateRequest', { ...application, KeyAlgorithm: 'ECC_384' })
      const state = await until('the certificate', async () => {
        const seen = await service().succeed('DescribeCertificateState', { OrderId: String(OrderId) })
        return seen['Type'] === 'certificate' ? seen : undefined
      })
      const parameters = { ResourceId: `cas-cert-${String(OrderId)}`, FileFormat: 'pkcs12', Password }
      const [file, ...others] = await download(service(), parameters)
      assert.deepEqual([file?.Name, others], ['www.example.com.pfx', []])
      const store = Buffer.from(file?.ContentBase64 ?? '', 'base64')
      const shown = await runOpenssl(['pkcs12', '-in', '@store', '-passin', `pass:${Password}`, '-nodes'], { store })
      const blocks = decodePem(shown)
      assert.deepEqual(subjects(shown), subjects(String(state['Certificate'])))
      const key = blocks.find(({ label }) => label === 'PRIVATE KEY') ?? assert.fail('no key')
      const read = createPrivateKey({ key: Buffer.from(key.der), format: 'der', type: 'pkcs8' })
      assert.ok(read.equals(createPrivateKey(String(state['PrivateKey']))))
    })

    it('as PKCS #12 and as JKS is read by keytool', async (t) => {
      if (!canRunKeytool('downloads with keytool')) return t.skip()
      const { CertId } = await upload(service())
      for (const [FileFormat, name] of [
        ['pkcs12', '_.example.com.pfx'],
        ['jks', '_.example.com.jks'],
      ] as const) {
        const [file] = await download(service(), { CertId, FileFormat, Password })
        assert.equal(file?.Name, name)
        const store = Buffer.from(file.ContentBase64 ?? '', 'base64')
        assert.match(await listKeyStore(store, Password), /PrivateKeyEntry\nCertificate chain length: 2\n/)
        const taken = await importKeyStore(store, Password)
        const shown = await runOpenssl(['pkcs12', '-in', '@store', '-passin', `pass:${Password}`, '-nodes'], { store: taken })
        assert.deepEqual(subjects(shown), chain)
      }
    })

    it('of an SM2 pair is for nginx the two pairs, and there is no key store of it', async () => {
      const sm2 = await makeAuthority('An SM2 CA', 'sm2')
      const sign = await sm2.issue({ cn: 'sm2.example.com', kind: 'sm2', extensions: ['keyUsage=digitalSignature'] })
      const encrypt = await sm2.issue({ cn: 'sm2.example.com', kind: 'sm2', extensions: ['keyUsage=keyEncipherment'] })
      const uploaded = await service().succeed('UploadUserCertificate', {
        Name: `to download ${++uploads}`,
        SignCert: sign.cert,
        SignPrivateKey: sign.key,
        EncryptCert: encrypt.cert,
        EncryptPrivateKey: encrypt.key,
      })
      const CertId = String(uploaded['CertId'])
      const files = await download(service(), { CertId, FileFormat: 'nginx' })
      assert.deepEqual(
        files.map(({ Name, Content }) => [Name, Content]),
        [
          ['sm2.example.com_sign.pem', sign.cert],
          ['sm2.example.com_sign.key', sign.key],
          ['sm2.example.com_encrypt.pem', encrypt.cert],
          ['sm2.example.com_encrypt.key', encrypt.key],
        ],
      )
      const pem = await download(service(), { CertId, FileFormat: 'pem' })
      assert.deepEqual(names(pem), ['sm2.example.com_sign.pem', 'sm2.example.com_encrypt.pem'])
      const store = await service().call('DownloadCertificate', { CertId, FileFormat: 'pkcs12', Password }, extension)
      assert.equal(outcomeOf(store), '400 InvalidParameter')
    })

    it('whose key the service does not hold says so, and is there as pem', async () => {
      const csr = await runOpenssl(['req', '-new', '-key', '@key', '-subj', '/CN=own.example.com'], { key: await makeKey('ec') })
      const { Domain: _, ...applicant } = application
      const { OrderId } = await service().succeed('CreateCertificateWithCsrRequest', { ...applicant, Csr: csr })
      const CertId = await until('the certificate', async () => {
        const state = await service().succeed('DescribeCertificateState', { OrderId: String(OrderId) })
        return state['Type'] === 'certificate' ? String(state['CertId']) : undefined
      })
      const answer = await service().call('DownloadCertificate', { CertId, FileFormat: 'nginx' }, extension)
      assert.equal(outcomeOf(answer), '400 NotFound.PrivateKey')
      assert.equal((await download(service(), { CertId, FileFormat: 'pem' })).length, 1)
    })

    const bad: readonly (readonly [string, Readonly<Record<string, string>>, string, string])[] = [
      ['no certificate', { FileFormat: 'pem' }, '400 MissingCertId', 'CertId'],
      ['a certificate of nobody', { CertId: '1', FileFormat: 'pem' }, '400 NotFound', 'does not exist'],
      ['both ids', { CertId: '1', ResourceId: 'cas-cert-1', FileFormat: 'pem' }, '400 InvalidParameter', 'ResourceId'],
      ['no format', { CertId: 'mine' }, '400 MissingFileFormat', 'FileFormat'],
      ['a format that is none', { CertId: 'mine', FileFormat: 'iis' }, '400 InvalidParameter', 'nginx, apache'],
      ['a key store without a password', { CertId: 'mine', FileFormat: 'jks' }, '400 MissingPassword', 'Password'],
      ['a password of five characters', { CertId: 'mine', FileFormat: 'pkcs12', Password: '12345' }, '400 InvalidParameter', 'Password'],
      ['a password with an umlaut', { CertId: 'mine', FileFormat: 'pkcs12', Password: 'Größe123' }, '400 InvalidParameter', 'ASCII'],
      ['a password that nothing takes', { CertId: 'mine', FileFormat: 'nginx', Password }, '400 InvalidParameter', 'Password'],
      ['a parameter that is none', { CertId: 'mine', FileFormat: 'pem', Alias: 'a' }, '400 InvalidParameter', 'Alias'],
    ]
    for (const [title, parameters, outcome, says] of bad) {
      it(`is refused for ${title}: ${outcome}`, async () => {
        const mine = parameters['CertId'] === 'mine' ? { CertId: (await upload(service())).CertId } : {}
        const answer = await service().call('DownloadCertificate', { ...parameters, ...mine }, extension)
        assert.equal(outcomeOf(answer), outcome, answer.text)
        assert.ok(String(answer.body['Message']).includes(says), answer.text)
      })
    }

    it('leaves no password in the log', async () => {
      await download(service(), { CertId: (await upload(service())).CertId, FileFormat: 'jks', Password: 'never-in-a-log' })
      assert.ok(!service().logLines.join('').includes('never-in-a-log'))
      const events = await service().services.db.read.selectFrom('events').select('detail').execute()
      assert.ok(!JSON.stringify(events).includes('never-in-a-log'))
    })
  },
  { ports },
)
