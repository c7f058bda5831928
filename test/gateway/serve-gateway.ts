import { createServer } from 'node:http'
import type { Server, ServerOptions } from 'node:http'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import { z } from 'zod'
import { action } from '../../src/gateway/action.ts'
import type { Action } from '../../src/gateway/action.ts'
import { answerClientError } from '../../src/gateway/answer-client-error.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { GatewayOptions } from '../../src/gateway/gateway.ts'
import type { RequestFacts } from '../../src/gateway/request-facts.ts'
import { httpServerOptions } from '../../src/gateway/http-limits.ts'
import type { CallLimits } from '../../src/ram/call-limits.ts'
import type { Services } from '../../src/services.ts'
import { testKeys } from './load-vectors.ts'
import { createMemoryReplayGuard } from './memory-replay-guard.ts'

/** A gateway that listens on loopback until the test ends. */
export interface ServedGateway {
  readonly server: Server
  readonly port: number
  /** Every line it logged. */
  readonly logLines: readonly string[]
  readonly facts: readonly RequestFacts[]
}

/** The gateway with test keys, an open throttle and everything allowed, unless told otherwise. */
export async function serveGateway(
  t: TestContext,
  options: Partial<GatewayOptions> = {},
  serverOptions: ServerOptions = {},
): Promise<ServedGateway> {
  const logLines: string[] = []
  const facts: RequestFacts[] = []
  const keys = new Map(testKeys().map((key) => [key.accessKeyId, key]))
  const gateway = createGateway({
    actions: [],
    findAccessKey: async (accessKeyId) => keys.get(accessKeyId),
    clock: () => testNow,
    replayGuard: createMemoryReplayGuard(),
    access: { assertAllowed: async () => {} },
    limits: noLimits,
    sourceOf: (req) => ({ ip: req.socket.remoteAddress ?? '', secure: false }),
    services: {} as Services, // the actions of these tests use none
    log: pino({}, { write: (line: string) => void logLines.push(line) }),
    onRequest: (seen) => void facts.push(seen),
    ...options,
  })
  const server = createServer({ ...httpServerOptions, ...serverOptions }, (req, res) => void gateway(req, res))
  server.on('clientError', answerClientError)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { server, port: address.port, logLines, facts }
}

/** Every call passes. */
export const noLimits: CallLimits = { admit: () => undefined, admitAddress: () => undefined, countFailure: () => {} }

/** The clock of the tests: that of the negatives. */
export const testNow = Date.parse('2026-01-15T08:00:00Z')

/** An action that answers what it understood of the parameters named; see `Echo` in its answer. */
export function echoAction(name: string, version: string, parameters: Iterable<string>): Action {
  return action({
    name,
    version,
    access: 'get',
    ramAction: `yundun-cert:${name}`,
    summary: 'answers with its parameters',
    strict: false,
    input: z.object(Object.fromEntries([...parameters].map((parameter) => [parameter, z.unknown().optional()]))),
    output: z.object({ Echo: z.unknown() }),
    problems: [],
    run: async (input) => ({ Echo: input }),
  })
}
