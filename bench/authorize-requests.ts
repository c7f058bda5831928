import { request } from 'node:http'
import pino from 'pino'
import { loadSettings } from '../src/config.ts'
import { startProcess } from '../src/main.ts'
import { signAcs3 } from './sign-call.ts'

const REQUESTS = 4_000
const ROUNDS = 5
const root = { accessKeyId: 'bench', secret: 'a-secret-of-the-bench' }

/**
 * CPU of a signed read by the account itself, which no policy is asked for, and by a user with ten policies of 100 statements each, in turns.
 * Client and server are one process: the client's part is the same in both.
 */
export async function measureRequests(folder: string): Promise<void> {
  const settings = loadSettings({
    CHANCERY_DATA: folder,
    CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
    CHANCERY_HTTPS_LISTEN: 'off',
    CHANCERY_ADMIN_LISTEN: 'off',
    CHANCERY_ROOT_ACCESS_KEY_ID: root.accessKeyId,
    CHANCERY_ROOT_ACCESS_KEY_SECRET: root.secret,
    CHANCERY_RSA_POOL: '0',
    CHANCERY_CALLS_PER_SECOND: '1000000',
  })
  const running = await startProcess(settings, pino({ level: 'silent' }), (error) => {
    throw error
  })
  try {
    const { host } = new URL(running.addresses.http ?? '')
    const call = async (version: string, action: string, input: Record<string, string>, key = root): Promise<Record<string, unknown>> =>
      await send(host, { ...key, version, action, input })
    const ram = (action: string, input: Record<string, string>) => call('2015-05-01', action, input)
    await ram('CreateUser', { UserName: 'user' })
    const { AccessKey } = (await ram('CreateAccessKey', { UserName: 'user' })) as { AccessKey: Record<string, string> }
    const user = { accessKeyId: AccessKey['AccessKeyId'] ?? '', secret: AccessKey['AccessKeySecret'] ?? '' }
    for (let policy = 0; policy < 10; policy++) {
      const Statement = Array.from({ length: 99 }, (_, index) => ({ Effect: 'Allow', Action: `a:B${index}*`, Resource: '*' }))
      const reads = { Effect: 'Allow', Action: 'yundun-cert:Describe*', Resource: '*' }
      const PolicyName = `policy-${policy}`
      await ram('CreatePolicy', { PolicyName, PolicyDocument: JSON.stringify({ Version: '1', Statement: [...Statement, reads] }) })
      await ram('AttachPolicyToUser', { PolicyName, PolicyType: 'Custom', UserName: 'user' })
    }
    const read = async (key: typeof root) => await call('2020-04-07', 'DescribePackageState', {}, key)
    const costs = { account: [] as number[], user: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, key] of [
        ['account', root],
        ['user', user],
      ] as const) {
        const before = process.cpuUsage()
        for (let done = 0; done < REQUESTS; done += 8) await Promise.all(Array.from({ length: 8 }, () => read(key)))
        const used = process.cpuUsage(before)
        if (round > 0) costs[name].push((used.user + used.system) / REQUESTS)
      }
    }
    const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
    const [account, asUser] = [median(costs.account), median(costs.user)]
    console.log(
      `a signed read, client and server: ${account.toFixed(0)} µs by the account, ${asUser.toFixed(0)} µs by a user with 1,000 statements`,
    )
  } finally {
    await running.stop()
  }
}

async function send(host: string, call: Omit<Parameters<typeof signAcs3>[0], 'host'>): Promise<Record<string, unknown>> {
  const { path, headers } = signAcs3({ ...call, host })
  return await new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port: Number(host.split(':')[1]), path, method: 'POST', headers }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
        if (res.statusCode === 200) resolve(body)
        else reject(new Error(`${call.action}: ${String(body['Code'])} ${String(body['Message'])}`))
      })
    })
    req.on('error', reject)
    req.end()
  })
}
