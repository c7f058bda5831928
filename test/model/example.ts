import { dayMs } from '../orders/open-test-services.ts'
import type { Operation, ProductCode } from './operations.ts'

const latest = { back: 0, fitting: true }
const csr = { name: 0, key: 0 }
const place = (door: 'request' | 'csr' | 'package', product: ProductCode, own = false): Operation => ({
  op: 'place',
  door,
  product,
  names: door === 'package' && product !== 'model-free' ? [0, 1] : [0],
  csr,
  own,
  token: undefined,
})
const move = (op: 'check' | 'withdraw' | 'submit' | 'delete' | 'cancel'): Operation => ({ op, order: latest })
const publish: Operation = { op: 'publish', order: latest, names: 'all' }
const review = (reviewer: 'one' | 'another', approve: boolean): Operation => ({ op: 'review', order: latest, reviewer, approve })
const wait = (ms: number): Operation => ({ op: 'pass', ms, run: true })

/** A scenario that comes across everything, whatever the random ones do. */
export const example: { readonly bought: boolean; readonly operations: readonly Operation[] } = {
  bought: true,
  operations: [
    { op: 'buy', product: 'model-dv', units: 1, token: 0 },
    { op: 'buy', product: 'model-dv', units: 2, token: 0 },
    { op: 'replay', call: 0 },
    place('package', 'model-dv'),
    publish,
    move('withdraw'),
    move('submit'),
    wait(11_000),
    move('withdraw'),
    move('delete'),
    place('csr', 'model-dv'),
    place('csr', 'model-dv'),
    publish,
    move('check'),
    wait(8 * dayMs),
    { op: 'renew', order: latest, key: 1, submit: false, token: 1 },
    { op: 'renew', order: latest, key: 2, submit: true, token: undefined },
    move('submit'),
    publish,
    wait(11_000),
    move('cancel'),
    place('request', 'model-ov'),
    place('package', 'model-ov'),
    publish,
    move('check'),
    review('one', true),
    move('check'),
    move('cancel'),
    place('package', 'model-ev'),
    publish,
    move('check'),
    review('another', true),
    review('another', true),
    review('another', false),
    move('delete'),
    place('request', 'model-free'),
    place('request', 'model-free'),
    place('request', 'model-free'),
    place('request', 'model-free'),
    wait(31 * dayMs),
    move('delete'),
    wait(8 * dayMs),
    move('delete'),
  ],
}
