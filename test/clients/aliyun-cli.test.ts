import { it } from 'node:test'
import { reportNotRun } from '../support/not-run.ts'

// The tool comes as a binary from its own site or from the module proxy, which serves none of its versions to the machines that run this
// suite. It signs calls of RPC products with RPC V1, as other clients here do.
const reason = 'the module proxy does not serve it'

reportNotRun('the aliyun CLI', reason)
it('orders a certificate through the aliyun CLI', { skip: reason })
