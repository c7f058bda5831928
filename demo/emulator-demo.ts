import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { callExtension, createClient } from './client.ts'
import { askForProof, collect, placeOrder } from './orders.ts'
import type { Progress } from './progress.ts'
import { startService } from './service.ts'

const DAY_SECONDS = 86_400

/** The emulator mode: proofs pass by themselves, the clock moves on command, everything is marked. */
export async function runEmulatorDemo(progress: Progress, output: string): Promise<void> {
  const service = await progress.step('Chancery starts as an emulator on an empty data folder', async (tell) => {
    const started = await startService({ CHANCERY_EMULATOR: '1' })
    const mark = (await fetch(`${started.endpoint}/healthz`)).headers.get('x-chancery-emulator')
    tell(`${started.endpoint}, answers carry x-chancery-emulator: ${mark}`)
    return started
  })
  try {
    const client = createClient(service)
    const domain = 'www.example.com'
    const orderId = await placeOrder(progress, client, domain, 'DNS')
    await askForProof(progress, client, orderId)
    await progress.step('Nothing is published: the emulator lets the proof pass after two seconds', () => Promise.resolve())
    await collect(progress, service, client, orderId, domain, output)
    await progress.step('The certificate is marked', async (tell) => {
      const { subject } = new X509Certificate(readFileSync(join(output, `${domain}.chain.pem`)))
      tell(subject.split('\n').join(', '))
    })
    await progress.step('MoveClock: 31 days on, an order without proof fails', async (tell) => {
      await callExtension(client, 'SetProofs', { PassAfter: 'real' })
      const lost = await placeOrder({ step: (_, run) => run(() => {}) }, client, 'late.example.com', 'DNS')
      const { Now } = await callExtension(client, 'MoveClock', { Seconds: String(31 * DAY_SECONDS) })
      const check = await callExtension(client, 'CheckValidation', { OrderId: String(lost) })
      tell(`now ${new Date(Number(Now)).toISOString().slice(0, 10)}, order ${lost}: ${String(check['Type'])}`)
      if (check['Type'] !== 'verify_fail') throw new Error(`the order did not fail: ${JSON.stringify(check)}`)
    })
  } finally {
    await service.stop()
  }
}
