import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { defaultProductCode } from '../../plans/products.ts'
import { Problem } from '../../problem.ts'
import { sumPlans } from '../../storage/plans.ts'
import { optionalText } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { packageTarget } from './package-target.ts'

/** The counters of one product; zeros for a product that was never bought. */
export const describePackageState = action({
  name: 'DescribePackageState',
  version: CAS_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:DescribePackageState',
  target: packageTarget,
  summary: 'Read how many certificates of one product were bought, applied for and issued.',
  strict: false,
  input: z.object({ ProductCode: optionalText }),
  output: z.object({ ProductCode: z.string(), TotalCount: z.int(), UsedCount: z.int(), IssuedCount: z.int() }),
  problems: [],
  async run({ ProductCode = defaultProductCode }, { caller }, { db, catalogue, clock }) {
    if (catalogue.find(ProductCode) === undefined) throw new Problem('invalidParameter', { P: 'ProductCode', rule: 'No such product.' })
    const { total, used, issued } = await sumPlans(db.read, caller.accountId, ProductCode, clock())
    return { ProductCode, TotalCount: total, UsedCount: used, IssuedCount: issued }
  },
})
