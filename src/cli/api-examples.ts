/** A call as the reference shows it. */
export interface ApiExample {
  readonly action: string
  /** The version, where several have an operation of the name. */
  readonly version?: string
  /** `{Name}` stands for what an earlier example kept under the name, or for what whoever makes the calls brings along. */
  readonly parameters: Parameters
  /** Fields of the answer that later examples use: name by path, e.g. `AccessKey.AccessKeyId`, `Events.0.EventId`. */
  readonly keeps?: Parameters
  /** Signed by the key of the user alice, which an earlier example made; else by the account's. */
  readonly by?: 'alice'
  /** The call is there for what it leaves behind, and not shown; with the code of its refusal it has to be refused. */
  readonly aside?: 'succeeds' | { readonly refusedWith: string }
  /** The service works meanwhile: asked again until the answer has the field, or this value of it. */
  readonly until?: Parameters
}

type Parameters = Readonly<Record<string, string>>
type More = Omit<ApiExample, 'action' | 'parameters'>
const call = (action: string, parameters: Parameters = {}, keeps: Parameters = {}, more: More = {}): ApiExample => ({
  action,
  parameters,
  keeps,
  ...more,
})
const aside: More = { aside: 'succeeds' }
const cas: More = { version: '2020-04-07' }
const ram: More = { version: '2015-05-01' }

const applicant = { Username: 'Tom', Phone: '13900001234', Email: 'tom@example.com' }
const company = {
  CompanyName: 'Example Ltd',
  CompanyCode: '91330100799655058B',
  CompanyType: '1',
  CompanyAddress: '1 Main Street',
  CompanyPhone: '0571-85022088',
  City: 'Hangzhou',
  Province: 'Zhejiang',
  PostCode: '310000',
  CountryCode: 'CN',
}
const readable = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"yundun-cert:List*","Resource":"*"}]}'
const trust = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["acs:ram::{Account}:root"]}}]}'
const readOnly = { PolicyType: 'System', PolicyName: 'ReadOnlyAccess' }
const issuer = { OIDCProviderName: 'builds' }
const federatedTrust =
  '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",' +
  '"Principal":{"Federated":["acs:ram::{Account}:oidc-provider/builds"]},"Condition":{"StringEquals":{"oidc:aud":"builds"}}}]}'
const document = { PolicyName: 'lists', PolicyDocument: readable }
const custom = { PolicyType: 'Custom', PolicyName: 'lists' }
const alice = { UserName: 'alice' }
const operators = { GroupName: 'operators' }
const order = { OrderId: '{OrderId}' }
const free = { ProductCode: 'digicert-free-1-free' }
const paid = { ProductCode: 'geotrust-dv-1-starter' }
const organization = { ProductCode: 'symantec-ov-1-personal' }
const issued = { OrderId: '{IssuedOrderId}' }
const instance = { ResourceType: 'instance' }
const resource = { ...instance, 'ResourceId.1': 'cas-cert-{IssuedOrderId}' }
const aliceTagged = { ResourceType: 'user', 'ResourceNames.1': 'alice' }
const attached = (PolicyName: string): ApiExample =>
  call('AttachPolicyToUser', { PolicyType: 'System', PolicyName, UserName: 'alice' }, {}, aside)

/** In this order they succeed on a new installation in emulator mode that looks at the real network: a test calls them. */
export const apiExamples: readonly ApiExample[] = [
  call('GetCallerIdentity', {}, { Account: 'AccountId' }),
  call('PurchasePackage', { ...free, Count: '5' }),
  call('DescribePackageState', free),
  call('CheckDomain', { ...free, Domain: 'www.example.com' }),
  call('CreateCertificateRequest', { ...free, Domain: 'www.example.com', ValidateType: 'DNS', ...applicant }, { OrderId: 'OrderId' }),
  call('DescribeCertificateState', order),
  call('CheckValidation', order, {}, { until: { 'LastAttempt.Outcome': '' } }),
  call('ExplainOrder', order),
  call('CancelOrderRequest', order),
  call('SubmitOrder', order),
  call('ListOrders', { MaxResults: '10' }),
  call('ListUserCertificateOrder', { Keyword: 'example.com', ShowSize: '10' }),
  call('GetCertificatePackageCount'),
  call('CancelOrderRequest', order, {}, aside),
  call('DeleteCertificateRequest', order),
  call('CreateCertificateWithCsrRequest', { ...free, Csr: '{Csr}', ValidateType: 'DNS', ...applicant }),

  call('SetProofs', { PassAfter: '0' }),
  call('PurchasePackage', { ...paid, Count: '5' }, {}, aside),
  call(
    'CreateCertificateForPackageRequest',
    { ...paid, Domain: 'shop.example.com', ...applicant, KeyAlgorithm: 'ECC_256', 'Tags.1.Key': 'team', 'Tags.1.Value': 'web' },
    { IssuedOrderId: 'OrderId' },
  ),
  call('DescribeCertificateState', issued, { CertId: 'CertId' }, { ...aside, until: { Type: 'certificate' } }),
  call('GetUserCertificateDetail', { CertId: '{CertId}', CertFilter: 'true' }),
  call('GetCertificateDetail', { CertificateId: '{CertId}' }),
  call('ListCertificates', { Keyword: 'shop', ShowSize: '10' }),
  call('ListCert', { CertType: 'CERT', Status: 'ISSUE' }),
  call('ListUserCertificateOrder', { OrderType: 'CPACK', Status: 'ISSUED' }),
  call('GetCertificatePackageCount'),
  call('DownloadCertificate', { CertId: '{CertId}', FileFormat: 'nginx' }),
  call('ListCertificates', { CertificateStatus: 'issued' }),
  call('ListCert', { Status: 'ISSUE', KeyWord: 'shop' }),
  call('ListTrusteeOrder', issued),
  call('UploadUserCertificate', { Name: 'from elsewhere', Cert: '{Certificate}', Key: '{CertificateKey}' }, { UploadId: 'CertId' }),
  call('DeleteUserCertificate', { CertId: '{UploadId}' }),
  call('TagResources', { ...resource, 'Tag.1.Key': 'stage', 'Tag.1.Value': 'live' }, {}, cas),
  call('ListTagResources', resource, {}, cas),
  call('ListTagKeys', instance),
  call('UntagResources', { ...resource, 'TagKey.1': 'stage' }, {}, cas),
  call('MoveResourceGroup', { ...instance, ResourceId: 'cas-cert-{IssuedOrderId}', ResourceGroupId: 'rg-web' }),

  call('CreateContact', { Name: 'Tom', Mobile: '13900001234', Email: 'tom@example.com' }, { ContactId: 'ContactId' }),
  call('GetContact', { ContactId: '{ContactId}' }),
  call('UpdateContact', { ContactId: '{ContactId}', Name: 'Tom Example' }),
  call('ListContact', { Keyword: 'Tom' }),
  call('DeleteContact', { ContactId: '{ContactId}' }),
  call('CreateCompany', { ...company, Lang: 'en' }, { CompanyId: 'CompanyId' }),
  call('GetCompany', { CompanyId: '{CompanyId}' }),
  call('UpdateCompany', { CompanyId: '{CompanyId}', ...company }),
  call('ListCompanies'),
  call('DeleteCompany', { CompanyId: '{CompanyId}' }),
  call(
    'CreateCsr',
    { Algorithm: 'RSA', KeySize: '2048', CommonName: 'www.example.com', CountryCode: 'CN', Province: 'Zhejiang', Locality: 'Hangzhou' },
    { CsrId: 'CsrId' },
  ),
  call('GetCsrDetail', { CsrId: '{CsrId}' }),
  call('ListCsr', { KeyWord: 'example' }),
  call('DeleteCsr', { CsrId: '{CsrId}' }),
  call('UploadCsr', { Csr: '{Csr}', Name: 'from-elsewhere' }, { UploadedCsrId: 'CsrId' }),
  call('UpdateCsr', { CsrId: '{UploadedCsrId}', Key: '{CsrKey}' }),
  call('LookupEvents', { Kind: 'order.placed' }, { EventId: 'Events.0.EventId' }),
  call('GetAuditProof', { EventId: '{EventId}' }, {}, { until: { LogIndex: '' } }),
  call('CreateAccount', { Name: 'Team' }, { AccountId: 'AccountId' }),
  call('GetAccount', { AccountId: '{AccountId}' }),
  call('UpdateAccount', { AccountId: '{AccountId}', Name: 'Team One' }),
  call('ListAccounts'),
  call('CreateUser', alice),
  call('GetUser', alice),
  call('UpdateUser', { ...alice, NewUserName: 'alice' }),
  call('ListUsers'),
  call('CreateAccessKey', alice, { UserAccessKeyId: 'AccessKey.AccessKeyId', UserAccessKeySecret: 'AccessKey.AccessKeySecret' }),
  call('TagResources', { ...aliceTagged, 'Tag.1.Key': 'team', 'Tag.1.Value': 'web' }, {}, ram),
  call('ListTagResources', aliceTagged, {}, ram),
  call('UntagResources', { ...aliceTagged, 'TagKeys.1': 'team' }, {}, ram),
  call(
    'ListOrders',
    {},
    { DiagnosticMessage: 'AccessDeniedDetail.EncodedDiagnosticMessage' },
    { by: 'alice', aside: { refusedWith: 'NoPermission' } },
  ),
  call('DecodeDiagnosticMessage', { EncodedDiagnosticMessage: '{DiagnosticMessage}' }),
  attached('AliyunSTSAssumeRoleAccess'),
  attached('AliyunYundunCertFullAccess'),
  call('CreateRole', { RoleName: 'reader', AssumeRolePolicyDocument: trust }),
  call(
    'AssumeRole',
    { RoleArn: 'acs:ram::{Account}:role/reader', RoleSessionName: 'nightly', DurationSeconds: '900' },
    {},
    { by: 'alice' },
  ),

  call('CreateCompany', { ...company, Lang: 'en' }, {}, aside),
  call('PurchasePackage', { ...organization, Count: '1' }, {}, aside),
  call(
    'CreateCertificateForPackageRequest',
    { ...organization, Domain: 'www.example.com', ...applicant },
    { ReviewedOrderId: 'OrderId' },
    { ...aside, by: 'alice' },
  ),
  call('ListReviews', {}, {}, { until: { 'Reviews.0.OrderId': '' } }),
  call('ReviewOrder', { OrderId: '{ReviewedOrderId}', Decision: 'reject', Reason: 'The register does not know the company.' }),

  call('ListAccessKeys', alice),
  call('UpdateAccessKey', { ...alice, UserAccessKeyId: '{UserAccessKeyId}', Status: 'Inactive' }),
  call('GetAccessKeyLastUsed', { ...alice, UserAccessKeyId: '{UserAccessKeyId}' }),
  call('DeleteAccessKey', { ...alice, UserAccessKeyId: '{UserAccessKeyId}' }),
  call('CreateGroup', operators),
  call('GetGroup', operators),
  call('UpdateGroup', { ...operators, NewComments: 'Those who run it' }),
  call('ListGroups'),
  call('AddUserToGroup', { ...alice, ...operators }),
  call('ListGroupsForUser', alice),
  call('ListUsersForGroup', operators),
  call('ExplainPermission', { Principal: 'acs:ram::{Account}:user/alice', AskedAction: 'yundun-cert:ListOrders' }),
  call('CreatePolicy', document),
  call('GetPolicy', custom),
  call('ListPolicies'),
  call('CreatePolicyVersion', { PolicyName: 'lists', PolicyDocument: readable, SetAsDefault: 'true' }),
  call('ListPolicyVersions', custom),
  call('SetDefaultPolicyVersion', { PolicyName: 'lists', VersionId: 'v1' }),
  call('DeletePolicyVersion', { PolicyName: 'lists', VersionId: 'v2' }),
  call('UpdatePolicyDescription', { PolicyName: 'lists', NewDescription: 'Lists alone' }),
  call('GetPolicyVersion', { ...custom, VersionId: 'v1' }),
  call('AttachPolicyToUser', { ...alice, ...custom }),
  call('ListPoliciesForUser', alice),
  call('ListEntitiesForPolicy', custom),
  call('DetachPolicyFromUser', { ...alice, ...custom }),
  call('AttachPolicyToGroup', { ...operators, ...custom }),
  call('ListPoliciesForGroup', operators),
  call('DetachPolicyFromGroup', { ...operators, ...custom }),
  call('DeletePolicy', { PolicyName: 'lists' }),
  call('RemoveUserFromGroup', { ...alice, ...operators }),
  call('DeleteGroup', operators),
  ...['AliyunSTSAssumeRoleAccess', 'AliyunYundunCertFullAccess'].map((PolicyName) =>
    call('DetachPolicyFromUser', { ...alice, PolicyType: 'System', PolicyName }, {}, aside),
  ),
  call('DeleteUser', alice),
  call('GetRole', { RoleName: 'reader' }),
  call('UpdateRole', { RoleName: 'reader', NewDescription: 'Reads' }),
  call('AttachPolicyToRole', { RoleName: 'reader', ...readOnly }),
  call('ListPoliciesForRole', { RoleName: 'reader' }),
  call('DetachPolicyFromRole', { RoleName: 'reader', ...readOnly }),
  call('DeleteRole', { RoleName: 'reader' }),
  call('ListRoles'),
  call('CreateOIDCProvider', { ...issuer, IssuerUrl: '{IssuerUrl}', ClientIds: 'builds' }),
  call('CreateRole', { RoleName: 'builder', AssumeRolePolicyDocument: federatedTrust }, {}, aside),
  call('AssumeRoleWithOIDC', {
    OIDCProviderArn: 'acs:ram::{Account}:oidc-provider/builds',
    RoleArn: 'acs:ram::{Account}:role/builder',
    OIDCToken: '{OIDCToken}',
    RoleSessionName: 'build-17',
  }),
  call('DeleteRole', { RoleName: 'builder' }, {}, aside),
  call('GetOIDCProvider', issuer),
  call('UpdateOIDCProvider', { ...issuer, NewDescription: 'Builds' }),
  call('ListOIDCProviders'),
  call('AddClientIdToOIDCProvider', { ...issuer, ClientId: 'releases' }),
  call('RemoveClientIdFromOIDCProvider', { ...issuer, ClientId: 'releases' }),
  call('AddFingerprintToOIDCProvider', { ...issuer, Fingerprint: 'b'.repeat(40) }),
  call('RemoveFingerprintFromOIDCProvider', { ...issuer, Fingerprint: 'b'.repeat(40) }),
  call('DeleteOIDCProvider', issuer),
  call(
    'CreateEabKey',
    { Name: 'edge', 'Domains.1': '*.team.example.com', 'Tags.1.Key': 'team', 'Tags.1.Value': 'edge', UnitLimit: '50', LifetimeDays: '365' },
    { KeyId: 'KeyId' },
  ),
  call('ListEabKeys', { Status: 'Active' }),
  call('GetEabKey', { KeyId: '{KeyId}' }),
  call('UpdateEabKey', { KeyId: '{KeyId}', Status: 'Inactive' }),
  // Clients make accounts, no call of the API does.
  call('ListAcmeAccounts', { Status: 'valid' }, { AcmeAccountId: 'AcmeAccounts.0.AcmeAccountId' }),
  call('UpdateAcmeAccount', { AcmeAccountId: '{AcmeAccountId}', Status: 'revoked' }),
  call('DeleteEabKey', { KeyId: '{KeyId}' }),

  // So late because everything is older afterwards: 170 days.
  call('MoveClock', { Seconds: '14688000' }),
  call('RenewCertificateOrderForPackageRequest', issued, { RenewalOrderId: 'OrderId' }),
  call('ListTrusteeOrder', issued),
  call('CancelCertificateForPackageRequest', issued),
]
