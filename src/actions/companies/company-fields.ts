import { z } from 'zod'
import type { GivenCompany } from '../../contacts/company.ts'
import type { ActionTarget } from '../../gateway/action.ts'
import type { CompanyRow } from '../../storage/companies.ts'

/** The company profile that `CompanyId` names. */
export const companyTarget: ActionTarget = {
  resources: ({ CompanyId }) => (typeof CompanyId === 'string' ? [`company/${CompanyId}`] : []),
}

/** What of a company a call gives; the rules of the texts are the profile's. */
export const givenFields = {
  CompanyName: z.string(),
  CompanyCode: z.string(),
  CompanyType: z
    .string()
    .regex(/^[1-4]$/, '1 to 4 are allowed.')
    .transform(Number),
  CompanyAddress: z.string(),
  CompanyPhone: z.string(),
  City: z.string(),
  Province: z.string(),
  PostCode: z.string(),
  CountryCode: z.string(),
  CompanyEmail: z.string().optional(),
  Department: z.string().optional(),
}

type Given = z.output<z.ZodObject<typeof givenFields>> & { readonly Lang?: string | undefined }

export function toGivenCompany(input: Given): GivenCompany {
  return {
    name: input.CompanyName,
    code: input.CompanyCode,
    kind: input.CompanyType,
    address: input.CompanyAddress,
    phone: input.CompanyPhone,
    city: input.City,
    province: input.Province,
    postCode: input.PostCode,
    country: input.CountryCode,
    lang: input.Lang,
    email: input.CompanyEmail,
    department: input.Department,
  }
}

/** A company profile as answers show it. */
export const companyFields = {
  CompanyId: z.int(),
  CompanyName: z.string(),
  CompanyCode: z.string(),
  CompanyType: z.int(),
  CompanyAddress: z.string(),
  CompanyPhone: z.string(),
  CompanyEmail: z.string(),
  City: z.string(),
  Province: z.string(),
  PostCode: z.string(),
  CountryCode: z.string(),
  Lang: z.string(),
  Department: z.string(),
}

export function companyToWire(company: CompanyRow): z.input<z.ZodObject<typeof companyFields>> {
  return {
    CompanyId: company.id,
    CompanyName: company.name,
    CompanyCode: company.code,
    CompanyType: company.kind,
    CompanyAddress: company.address,
    CompanyPhone: company.phone,
    CompanyEmail: company.email,
    City: company.city,
    Province: company.province,
    PostCode: company.post_code,
    CountryCode: company.country,
    Lang: company.lang,
    Department: company.department,
  }
}
