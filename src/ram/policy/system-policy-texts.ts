/** The words of a policy that every account has and none can change. */
export interface SystemPolicyText {
  readonly name: string
  readonly description: string
  /** The document as JSON. */
  readonly text: string
}

/**
 * Reading must not hand out private keys: the names of these actions match what a reader may do, so that they are refused in so many words.
 * The second is of older versions of the API. The refusal is explicit: a reader who may also read keys gets policies of their own.
 */
const denyPrivateKeys = {
  Effect: 'Deny',
  Action: ['yundun-cert:GetPrivateKey', 'yundun-cert:DescribeSSLCertificatePrivateKey'],
  Resource: '*',
}

/** All system policies, by name. The texts are ours: the original publishes the names alone. */
export const systemPolicyTexts: ReadonlyMap<string, SystemPolicyText> = new Map(
  [
    systemPolicy('AdministratorAccess', 'Full access to everything in the account.', [allow('*')]),
    systemPolicy('ReadOnlyAccess', 'Read everything in the account but private keys.', [allow(listReading('*')), denyPrivateKeys]),
    systemPolicy('AliyunYundunCertFullAccess', 'Full access to certificates, private keys among them.', [allow('yundun-cert:*')]),
    systemPolicy('AliyunYundunCertReadOnlyAccess', 'Read certificates and orders, but no private keys.', [
      allow(listReading('yundun-cert')),
      denyPrivateKeys,
    ]),
    systemPolicy('AliyunSTSAssumeRoleAccess', 'Assume the roles that trust the caller.', [allow('sts:AssumeRole')]),
  ].map((policy) => [policy.name, policy]),
)

function systemPolicy(name: string, description: string, statements: readonly object[]): SystemPolicyText {
  return { name, description, text: JSON.stringify({ Version: '1', Statement: statements }, undefined, 2) }
}

function allow(action: string | readonly string[]): object {
  return { Effect: 'Allow', Action: action, Resource: '*' }
}

function listReading(service: string): string[] {
  return ['Get*', 'Describe*', 'Query*', 'List*'].map((name) => `${service}:${name}`)
}

const byLowerName = new Map([...systemPolicyTexts].map(([name, policy]) => [name.toLowerCase(), policy]))

/** The words of a system policy by its name in whatever case. */
export function findSystemPolicyText(name: string): SystemPolicyText | undefined {
  return byLowerName.get(name.toLowerCase())
}
