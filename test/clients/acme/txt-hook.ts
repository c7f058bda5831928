// Run by clients, in a process of its own: `txt-hook.ts add|remove NAME VALUE` publishes a TXT record at TXT_RECORDS, or takes it back.
const [command = '', name = '', value = ''] = process.argv.slice(2)
const method = { add: 'PUT', remove: 'DELETE' }[command]
if (method === undefined) throw new Error(`unknown: ${command}`)
const url = `${process.env['TXT_RECORDS'] ?? ''}/${name.replace(/\.$/, '')}`
const { status } = await fetch(url, { method, body: value })
if (status !== 204) throw new Error(`${url}: status ${status}`)
