import { makeAuthority } from '../certificates/make-certificates.ts'
import { company, csr, type World } from './action-recipes.ts'
import { plantAcmeAccount } from './plant-acme-account.ts'
import { application, type TestService } from './service.ts'
import { extension, type SigningKey } from './signed-call.ts'
import { createUserWithKey, ims, ram } from './tenants.ts'

/** Makes one of everything in an account, under names that begin with the prefix. */
export async function buildWorld(service: TestService, accountId: number, key: SigningKey, prefix = 'owned'): Promise<World> {
  const by = { ...ram, key }
  const names = {
    userName: `${prefix}-user`,
    groupName: `${prefix}-group`,
    roleName: `${prefix}-role`,
    policyName: `${prefix}-policy`,
    providerName: `${prefix}-provider`,
  }
  const { accessKeyId } = await createUserWithKey(service, names.userName, key)
  await service.succeed('CreateGroup', { GroupName: names.groupName }, by)
  const statement = { Effect: 'Allow', Action: 'oss:Get*', Resource: '*' }
  await service.succeed(
    'CreatePolicy',
    { PolicyName: names.policyName, PolicyDocument: JSON.stringify({ Version: '1', Statement: [statement] }) },
    by,
  )
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${accountId}:root`] } }
  await service.succeed(
    'CreateRole',
    { RoleName: names.roleName, AssumeRolePolicyDocument: JSON.stringify({ Version: '1', Statement: [trust] }) },
    by,
  )
  await service.succeed(
    'CreateOIDCProvider',
    { OIDCProviderName: names.providerName, IssuerUrl: 'https://issuer.example', ClientIds: 'a-client' },
    { ...ims, key },
  )
  await service.succeed('PurchasePackage', { ProductCode: 'digicert-free-1-free', Count: '20' }, { ...extension, key })
  const { OrderId } = await service.succeed('CreateCertificateRequest', application, { key })
  const { cert, key: privateKey } = await makeAuthority('owned.example.com')
  const { CertId } = await service.succeed('UploadUserCertificate', { Name: 'owned', Cert: cert, Key: privateKey }, { key })
  const { ContactId } = await service.succeed('CreateContact', { Name: 'Owned', Mobile: '13900001234' }, { key })
  const { CompanyId } = await service.succeed('CreateCompany', { ...company }, { key })
  const { CsrId } = await service.succeed('CreateCsr', csr, { key })
  const { KeyId } = await service.succeed('CreateEabKey', { Name: 'Owned', UserName: names.userName }, { ...extension, key })
  const acmeAccountId = await plantAcmeAccount(service, { accountId, eabKeyId: String(KeyId) })
  const { id: eventId } = await service.services.db.read
    .selectFrom('events')
    .select('id')
    .where('account_id', '=', accountId)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  return {
    ...names,
    eventId: String(eventId),
    accountId: String(accountId),
    orderId: String(OrderId),
    certificateId: String(CertId),
    resourceId: `cas-cert-${String(OrderId)}`,
    contactId: String(ContactId),
    companyId: String(CompanyId),
    csrId: String(CsrId),
    accessKeyId,
    eabKeyId: String(KeyId),
    acmeAccountId: String(acmeAccountId),
  }
}
