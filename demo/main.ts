import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { startDnsServer } from './dns-server.ts'
import { runEmulatorDemo } from './emulator-demo.ts'
import { orderByDns, orderByFile } from './orders.ts'
import { bold, createProgress, dim, type Progress } from './progress.ts'
import { startService } from './service.ts'
import { startWebServer } from './web-server.ts'

const OUTPUT = join(import.meta.dirname, '../demo-output')

/** Two DV orders from the purchase to the verified certificate, through the official SDK, over real DNS and real HTTP. */
async function runDemo(progress: Progress): Promise<void> {
  const dns = await progress.step('An authoritative DNS server for example.com starts on the loopback', async (tell) => {
    const server = await startDnsServer()
    tell(`${server.address}:${server.port}`)
    return server
  })
  const web = await startWebServer()
  try {
    const service = await progress.step('Chancery starts on an empty data folder', async (tell) => {
      const started = await startService({
        CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
        // The web server of the demo is on the loopback, which validation does not contact unless it is told to.
        CHANCERY_VALIDATION_ALLOW_CIDRS: '127.0.0.0/8',
        CHANCERY_VALIDATION_HTTP_PORT: String(web.port),
        CHANCERY_VALIDATION_HTTPS_PORT: String(web.port),
      })
      tell(started.endpoint)
      return started
    })
    try {
      await orderByDns(progress, service, dns, OUTPUT)
      await orderByFile(progress, service, dns, web, OUTPUT)
    } finally {
      await service.stop()
    }
  } finally {
    await web.close()
    await dns.close()
  }
}

/** What to do now, for somebody who has just seen it work. */
function sayWhatNext(): string {
  const folder = relative(process.cwd(), OUTPUT) || '.'
  return `
${bold('It works.')} Certificates, keys and the root are in ${folder}/.

${bold('Next')}
  npm start                      the service for real use: it prints its addresses and an access key
  npm run demo -- --emulator     the same without DNS and web servers, with a clock that can be moved
  ${dim('SDK')}   any Alibaba Cloud SDK: set endpoint to 127.0.0.1:8080 and protocol to http (README: a 20-line example)
  ${dim('CLI')}   bin/chancery order create --domain www.example.com --wait
  ${dim('curl')}  curl http://127.0.0.1:8080/ca/root.pem   the root that your machines have to trust
`
}

try {
  rmSync(OUTPUT, { recursive: true, force: true })
  await (process.argv.includes('--emulator') ? runEmulatorDemo(createProgress(), OUTPUT) : runDemo(createProgress()))
  process.stdout.write(sayWhatNext())
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
