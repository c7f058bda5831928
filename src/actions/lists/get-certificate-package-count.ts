import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { sumPlansByProduct } from '../../storage/plans.ts'
import { CAS_VERSION } from '../versions.ts'
import { domainTypeOfProduct, productIdOf } from './product-words.ts'

/** The counters of all products that the account has plans of. What the original sells besides, hosting and the like, is none here. */
export const getCertificatePackageCount = action({
  name: 'GetCertificatePackageCount',
  version: CAS_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:GetCertificatePackageCount',
  summary: 'Read what was bought and used of every product.',
  strict: false,
  input: z.object({}),
  output: z.object({
    /** JSON: a list of BrandName, TotalCount, RemainCount, UsedCount, DomainType, ProductCode, CertType and ProductId. */
    ProductCountList: z.string(),
    /** Not JSON, but as the original writes it: `{TotalCount=…, RemainCount=…, FreeQuota=…, UsedCount=…}`. */
    TotalCountDetail: z.string(),
    TrusteeCountDetail: z.string(),
    NoticeCountDetail: z.string(),
    ProxyCountDetail: z.string(),
  }),
  problems: [],
  async run(_input, { caller }, { db, catalogue, clock }) {
    const sums = await sumPlansByProduct(db.read, caller.accountId, clock())
    const products = catalogue.list()
    const counted = sums.map(({ product_code: code, total, used }) => ({ code, total, used, product: catalogue.find(code) }))
    const sum = (of: (one: (typeof counted)[number]) => number) => counted.reduce((before, one) => before + of(one), 0)
    const [total, used] = [sum((one) => one.total), sum((one) => one.used)]
    return {
      ProductCountList: JSON.stringify(
        counted.map((one) => ({
          BrandName: one.product?.brand ?? '',
          TotalCount: one.total,
          ...(one.product && { DomainType: domainTypeOfProduct(one.product) }),
          RemainCount: one.total - one.used,
          ProductCode: one.code,
          ...(one.product && { CertType: one.product.level }),
          ProductId: productIdOf(one.code, products),
          UsedCount: one.used,
        })),
      ),
      TotalCountDetail: javaMap({
        TotalCount: total,
        RemainCount: total - used,
        FreeQuota: sum(({ product, total: units }) => (product?.free === true ? units : 0)),
        UsedCount: used,
      }),
      TrusteeCountDetail: javaMap({ TotalCount: 0, ValidCount: 0, RemainCount: 0, UsedCount: 0 }),
      NoticeCountDetail: javaMap({ TotalCount: 0, RemainCount: 0, UsedCount: 0 }),
      ProxyCountDetail: javaMap({ TotalCount: 0, RemainCount: 0, AutoPay: 0, AutoPayCount: 0, UsedCount: 0 }),
    }
  },
})

/** Counters as Java prints a map. */
function javaMap(counters: Readonly<Record<string, number>>): string {
  return `{${Object.entries(counters)
    .map(([name, count]) => `${name}=${count}`)
    .join(', ')}}`
}
