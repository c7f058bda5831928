/** Ids and names of one account's things, as parameters. */
export interface World {
  readonly accountId: string
  readonly orderId: string
  readonly certificateId: string
  /** The `ResourceId` of the order. */
  readonly resourceId: string
  readonly contactId: string
  readonly companyId: string
  readonly csrId: string
  readonly eventId: string
  readonly userName: string
  readonly groupName: string
  readonly roleName: string
  readonly policyName: string
  readonly accessKeyId: string
  readonly providerName: string
  readonly eabKeyId: string
  readonly acmeAccountId: string
}

/** The name that {@link recipes} make things under that must not exist yet. */
export const fresh = 'made-by-a-recipe'

const trust = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: ['acs:ram::1234567890123456:root'] } }],
})
const document = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'oss:Get*', Resource: '*' }] })
const applicant = { Username: 'An Applicant', Phone: '13900001234', Email: 'applicant@example.com' }

/** A company profile that is taken. */
export const company = {
  CompanyName: 'Example Ltd',
  CompanyCode: '12345678',
  CompanyType: '2',
  CompanyAddress: '1 Example Road',
  CompanyPhone: '+44 20 7946 0000',
  City: 'London',
  Province: 'Greater London',
  PostCode: 'EC1A 1BB',
  CountryCode: 'GB',
  Lang: 'en',
}

/** What a CSR is made of. */
export const csr = {
  Algorithm: 'ECC',
  KeySize: '256',
  CommonName: 'www.example.com',
  CountryCode: 'CN',
  Province: 'Zhejiang',
  Locality: 'Hangzhou',
}

/** What tags and resource groups are put on. */
const instance = { ResourceType: 'instance' }

type Recipe = (world: World) => Readonly<Record<string, string>>

/**
 * A valid call of each action about things of one account, by name. A recipe that uses nothing of the world names nothing that somebody owns. A
 * new action needs a line here: the tests of permission and of isolation walk all actions.
 */
export const recipes: Readonly<Record<string, Recipe>> = {
  CreateCertificateRequest: () => ({ Domain: 'www.example.com', ValidateType: 'DNS', ...applicant }),
  CreateCertificateWithCsrRequest: () => ({ Csr: 'none', ValidateType: 'DNS', ...applicant }),
  CreateCertificateForPackageRequest: () => ({ Domain: 'www.example.com', ...applicant }),
  CancelOrderRequest: ({ orderId }) => ({ OrderId: orderId }),
  DeleteCertificateRequest: ({ orderId }) => ({ OrderId: orderId }),
  CancelCertificateForPackageRequest: ({ orderId }) => ({ OrderId: orderId }),
  RenewCertificateOrderForPackageRequest: ({ orderId }) => ({ OrderId: orderId }),
  SubmitOrder: ({ orderId }) => ({ OrderId: orderId }),
  DescribeCertificateState: ({ orderId }) => ({ OrderId: orderId }),
  CheckDomain: () => ({ Domain: 'www.example.com' }),
  ExplainOrder: ({ orderId }) => ({ OrderId: orderId }),
  CheckValidation: ({ orderId }) => ({ OrderId: orderId }),
  UploadUserCertificate: () => ({ Name: fresh, Cert: 'none', Key: 'none' }),
  GetUserCertificateDetail: ({ certificateId }) => ({ CertId: certificateId }),
  GetCertificateDetail: ({ certificateId }) => ({ CertificateId: certificateId }),
  DeleteUserCertificate: ({ certificateId }) => ({ CertId: certificateId }),
  DownloadCertificate: ({ certificateId }) => ({ CertId: certificateId, FileFormat: 'nginx' }),
  CreateCsr: () => ({ ...csr }),
  UploadCsr: () => ({ Csr: 'none' }),
  ListCsr: () => ({}),
  GetCsrDetail: ({ csrId }) => ({ CsrId: csrId }),
  UpdateCsr: ({ csrId }) => ({ CsrId: csrId, Key: 'none' }),
  DeleteCsr: ({ csrId }) => ({ CsrId: csrId }),
  DescribePackageState: () => ({}),
  PurchasePackage: ({ accountId }) => ({ ProductCode: 'digicert-free-1-free', Count: '1', AccountId: accountId }),
  ListOrders: () => ({}),
  ListUserCertificateOrder: () => ({}),
  ListTrusteeOrder: ({ orderId }) => ({ OrderId: orderId }),
  GetCertificatePackageCount: () => ({}),
  ListCertificates: () => ({}),
  ListCert: () => ({}),
  ListReviews: () => ({}),
  ReviewOrder: ({ orderId }) => ({ OrderId: orderId, Decision: 'reject', Reason: 'A reason' }),

  CreateEabKey: ({ userName }) => ({ Name: fresh, UserName: userName }),
  ListEabKeys: ({ userName }) => ({ UserName: userName }),
  GetEabKey: ({ eabKeyId }) => ({ KeyId: eabKeyId }),
  UpdateEabKey: ({ eabKeyId }) => ({ KeyId: eabKeyId, Status: 'Active' }),
  DeleteEabKey: ({ eabKeyId }) => ({ KeyId: eabKeyId }),
  ListAcmeAccounts: ({ eabKeyId }) => ({ KeyId: eabKeyId }),
  UpdateAcmeAccount: ({ acmeAccountId }) => ({ AcmeAccountId: acmeAccountId, Status: 'revoked' }),

  CreateContact: () => ({ Name: 'A Contact', Mobile: '13900001234' }),
  GetContact: ({ contactId }) => ({ ContactId: contactId }),
  UpdateContact: ({ contactId }) => ({ ContactId: contactId, Name: 'Another Name' }),
  DeleteContact: ({ contactId }) => ({ ContactId: contactId }),
  ListContact: () => ({}),
  CreateCompany: () => company,
  GetCompany: ({ companyId }) => ({ CompanyId: companyId }),
  UpdateCompany: ({ companyId }) => ({ CompanyId: companyId, ...company }),
  DeleteCompany: ({ companyId }) => ({ CompanyId: companyId }),
  ListCompanies: () => ({}),
  '2020-04-07 TagResources': ({ resourceId }) => ({ ...instance, 'ResourceId.1': resourceId, 'Tag.1.Key': 'k', 'Tag.1.Value': 'v' }),
  '2020-04-07 UntagResources': ({ resourceId }) => ({ ...instance, 'ResourceId.1': resourceId, 'TagKey.1': 'k' }),
  '2020-04-07 ListTagResources': ({ resourceId }) => ({ ...instance, 'ResourceId.1': resourceId }),
  ListTagKeys: () => instance,
  MoveResourceGroup: ({ resourceId }) => ({ ...instance, ResourceId: resourceId, ResourceGroupId: 'rg-a' }),

  LookupEvents: () => ({}),
  GetAuditProof: ({ eventId }) => ({ EventId: eventId }),

  CreateAccount: () => ({ Name: 'a tenant' }),
  GetAccount: ({ accountId }) => ({ AccountId: accountId }),
  ListAccounts: () => ({}),
  UpdateAccount: ({ accountId }) => ({ AccountId: accountId, Name: 'another name' }),

  CreateUser: () => ({ UserName: fresh }),
  GetUser: ({ userName }) => ({ UserName: userName }),
  UpdateUser: ({ userName }) => ({ UserName: userName, NewComments: 'new' }),
  DeleteUser: ({ userName }) => ({ UserName: userName }),
  ListUsers: () => ({}),
  CreateAccessKey: ({ userName }) => ({ UserName: userName }),
  ListAccessKeys: ({ userName }) => ({ UserName: userName }),
  UpdateAccessKey: ({ userName, accessKeyId }) => ({ UserName: userName, UserAccessKeyId: accessKeyId, Status: 'Active' }),
  DeleteAccessKey: ({ userName, accessKeyId }) => ({ UserName: userName, UserAccessKeyId: accessKeyId }),
  GetAccessKeyLastUsed: ({ userName, accessKeyId }) => ({ UserName: userName, UserAccessKeyId: accessKeyId }),
  CreateGroup: () => ({ GroupName: fresh }),
  GetGroup: ({ groupName }) => ({ GroupName: groupName }),
  UpdateGroup: ({ groupName }) => ({ GroupName: groupName, NewComments: 'new' }),
  DeleteGroup: ({ groupName }) => ({ GroupName: groupName }),
  ListGroups: () => ({}),
  AddUserToGroup: ({ userName, groupName }) => ({ UserName: userName, GroupName: groupName }),
  RemoveUserFromGroup: ({ userName, groupName }) => ({ UserName: userName, GroupName: groupName }),
  ListGroupsForUser: ({ userName }) => ({ UserName: userName }),
  ListUsersForGroup: ({ groupName }) => ({ GroupName: groupName }),
  TagResources: ({ userName }) => ({ ResourceType: 'user', 'ResourceNames.1': userName, 'Tag.1.Key': 'k', 'Tag.1.Value': 'v' }),
  UntagResources: ({ roleName }) => ({ ResourceType: 'role', 'ResourceNames.1': roleName, 'TagKeys.1': 'k' }),
  ListTagResources: ({ policyName }) => ({ ResourceType: 'policy', 'ResourceNames.1': policyName }),
  ExplainPermission: ({ accountId, userName }) => ({
    Principal: `acs:ram::${accountId}:user/${userName}`,
    AskedAction: 'yundun-cert:ListOrders',
  }),

  CreatePolicy: () => ({ PolicyName: fresh, PolicyDocument: document }),
  GetPolicy: ({ policyName }) => ({ PolicyName: policyName, PolicyType: 'Custom' }),
  ListPolicies: () => ({}),
  DeletePolicy: ({ policyName }) => ({ PolicyName: policyName }),
  UpdatePolicyDescription: ({ policyName }) => ({ PolicyName: policyName, NewDescription: 'new' }),
  CreatePolicyVersion: ({ policyName }) => ({ PolicyName: policyName, PolicyDocument: document }),
  GetPolicyVersion: ({ policyName }) => ({ PolicyName: policyName, PolicyType: 'Custom', VersionId: 'v1' }),
  ListPolicyVersions: ({ policyName }) => ({ PolicyName: policyName, PolicyType: 'Custom' }),
  SetDefaultPolicyVersion: ({ policyName }) => ({ PolicyName: policyName, VersionId: 'v1' }),
  DeletePolicyVersion: ({ policyName }) => ({ PolicyName: policyName, VersionId: 'v2' }),
  AttachPolicyToUser: ({ policyName, userName }) => ({ PolicyName: policyName, PolicyType: 'Custom', UserName: userName }),
  AttachPolicyToGroup: ({ policyName, groupName }) => ({ PolicyName: policyName, PolicyType: 'Custom', GroupName: groupName }),
  AttachPolicyToRole: ({ policyName, roleName }) => ({ PolicyName: policyName, PolicyType: 'Custom', RoleName: roleName }),
  DetachPolicyFromUser: ({ policyName, userName }) => ({ PolicyName: policyName, PolicyType: 'Custom', UserName: userName }),
  DetachPolicyFromGroup: ({ policyName, groupName }) => ({ PolicyName: policyName, PolicyType: 'Custom', GroupName: groupName }),
  DetachPolicyFromRole: ({ policyName, roleName }) => ({ PolicyName: policyName, PolicyType: 'Custom', RoleName: roleName }),
  ListPoliciesForUser: ({ userName }) => ({ UserName: userName }),
  ListPoliciesForGroup: ({ groupName }) => ({ GroupName: groupName }),
  ListPoliciesForRole: ({ roleName }) => ({ RoleName: roleName }),
  ListEntitiesForPolicy: ({ policyName }) => ({ PolicyName: policyName, PolicyType: 'Custom' }),
  CreateRole: () => ({ RoleName: fresh, AssumeRolePolicyDocument: trust }),
  GetRole: ({ roleName }) => ({ RoleName: roleName }),
  UpdateRole: ({ roleName }) => ({ RoleName: roleName, NewDescription: 'new' }),
  ListRoles: () => ({}),
  DeleteRole: ({ roleName }) => ({ RoleName: roleName }),
  AssumeRole: ({ accountId, roleName }) => ({ RoleArn: `acs:ram::${accountId}:role/${roleName}`, RoleSessionName: 'a-session' }),
  AssumeRoleWithOIDC: ({ accountId, roleName, providerName }) => ({
    OIDCProviderArn: `acs:ram::${accountId}:oidc-provider/${providerName}`,
    OIDCToken: 'no.such.token',
    RoleArn: `acs:ram::${accountId}:role/${roleName}`,
    RoleSessionName: 'a-session',
  }),
  GetCallerIdentity: () => ({}),

  CreateOIDCProvider: () => ({ OIDCProviderName: fresh, IssuerUrl: 'https://fresh.example' }),
  GetOIDCProvider: ({ providerName }) => ({ OIDCProviderName: providerName }),
  ListOIDCProviders: () => ({}),
  UpdateOIDCProvider: ({ providerName }) => ({ OIDCProviderName: providerName, NewDescription: 'new' }),
  DeleteOIDCProvider: ({ providerName }) => ({ OIDCProviderName: providerName }),
  AddClientIdToOIDCProvider: ({ providerName }) => ({ OIDCProviderName: providerName, ClientId: 'a-client' }),
  RemoveClientIdFromOIDCProvider: ({ providerName }) => ({ OIDCProviderName: providerName, ClientId: 'a-client' }),
  AddFingerprintToOIDCProvider: ({ providerName }) => ({ OIDCProviderName: providerName, Fingerprint: 'aa' }),
  RemoveFingerprintFromOIDCProvider: ({ providerName }) => ({ OIDCProviderName: providerName, Fingerprint: 'aa' }),
  DecodeDiagnosticMessage: () => ({ EncodedDiagnosticMessage: 'AQEAAAAAnone' }),
}

/** The recipe of an action: under version and name, where two versions have an action of one name; else under the name. */
export function recipeOf({ name, version }: { readonly name: string; readonly version: string }): Recipe {
  const recipe = recipes[`${version} ${name}`] ?? recipes[name]
  if (recipe === undefined) throw new Error(`${name} has no recipe in test/support/action-recipes.ts`)
  return recipe
}

/** Actions that take no id and no name of what somebody owns: they list, make something, or are about the caller. */
export const namesNothing: ReadonlySet<string> = new Set([
  'UploadUserCertificate',
  'CreateCertificateRequest',
  'CreateCertificateWithCsrRequest',
  'CreateCertificateForPackageRequest',
  'DescribePackageState',
  'ListOrders',
  'ListUserCertificateOrder',
  'GetCertificatePackageCount',
  'ListCertificates',
  'ListCert',
  'ListReviews',
  'CheckDomain',
  'CreateCsr',
  'UploadCsr',
  'ListCsr',
  'CreateContact',
  'ListContact',
  'CreateCompany',
  'ListCompanies',
  'ListTagKeys',
  'LookupEvents',
  'CreateAccount',
  'ListAccounts',
  'CreateUser',
  'ListUsers',
  'CreateGroup',
  'ListGroups',
  'CreatePolicy',
  'ListPolicies',
  'CreateRole',
  'ListRoles',
  'GetCallerIdentity',
  'CreateOIDCProvider',
  'ListOIDCProviders',
  'DecodeDiagnosticMessage',
])

/** The members of the world that an action's recipe uses. */
export function namedBy(recipe: Recipe, world: World): (keyof World)[] {
  const used = new Set<string | symbol>()
  recipe(
    new Proxy(world, {
      get(target, name) {
        used.add(name)
        return Reflect.get(target, name) as unknown
      },
    }),
  )
  // `Object.keys` forgets which names these are.
  return (Object.keys(world) as (keyof World)[]).filter((name) => used.has(name))
}

/** A world whose names and ids nobody has. */
export const nobodysWorld: World = {
  accountId: '1999999999999999',
  orderId: '99999999999',
  certificateId: '99999999997',
  resourceId: 'cas-cert-99999999996',
  contactId: '99999999995',
  companyId: '99999999994',
  csrId: '99999999993',
  eventId: '99999999998',
  userName: 'no-such-user',
  groupName: 'no-such-group',
  roleName: 'no-such-role',
  policyName: 'no-such-policy',
  accessKeyId: 'LTAIno0such0key000000000',
  providerName: 'no-such-provider',
  eabKeyId: 'eab-no0such0key000000000',
  acmeAccountId: '99999999992',
}
