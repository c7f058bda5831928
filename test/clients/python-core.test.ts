import { describeForeignClient } from './foreign-order.ts'
import { connectPython } from './python/connect-python.ts'

const kinds = [
  { kind: 'CommonRequest', method: 'GET', place: 'query', wrongSecretCode: 'SignatureDoesNotMatch' },
  { kind: 'CommonRequest', method: 'POST', place: 'form', wrongSecretCode: 'SignatureDoesNotMatch' },
  // This one compares the string to sign in the refusal with its own: if they agree, only the secret can be wrong.
  { kind: 'RpcRequest', method: 'POST', place: 'query', wrongSecretCode: 'InvalidAccessKeySecret' },
]

for (const { kind, method, place, wrongSecretCode } of kinds) {
  const title = `aliyun-python-sdk-core: ${kind}, ${method}, parameters in the ${place} (RPC V1)`
  describeForeignClient(title, await connectPython(title, ['core.py', kind, method]), { tags: true, wrongSecretCode })
}
