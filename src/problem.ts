/**
 * The one table of errors. The key is the internal name; the columns are what the RPC door sends.
 *
 * `code` and `message` may hold `{P}` and other names in braces, filled from the problem's parameters
 * (the original builds codes such as `MissingDomain` that way). Only the doors read these columns.
 */
export const problems = {
  // Routing and format (gateway)
  invalidVersion: { code: 'InvalidVersion', status: 400, message: 'Specified parameter Version is not valid.' },
  invalidAction: { code: 'InvalidAction.NotFound', status: 404, message: 'Specified api is not found, please check your url and method.' },
  needSsl: { code: 'InvalidProtocol.NeedSsl', status: 404, message: 'Your request is denied as lack of ssl protect. {rule}' },
  unsupportedHttpMethod: { code: 'UnsupportedHTTPMethod', status: 400, message: 'This http method is not supported.' },
  invalidFormat: { code: 'InvalidParameter.Format', status: 400, message: 'Specified parameter format is not valid.' },

  malformedParameters: { code: 'InvalidParameter', status: 400, message: 'The specified parameters are malformed. {rule}' },
  contentMd5NotMatched: { code: 'ContentMD5NotMatched', status: 400, message: 'The specified Content-MD5 is not the digest of the body.' },
  requestTooLarge: { code: 'RequestTooLarge', status: 413, message: 'The request body is larger than {limit} bytes.' },
  requestHeaderTooLarge: { code: 'RequestHeaderTooLarge', status: 431, message: 'The request line and headers are too large.' },
  requestTimeout: { code: 'RequestTimeout', status: 408, message: 'The request did not arrive in time.' },
  malformedHttp: { code: 'InvalidRequest', status: 400, message: 'The request is not well-formed HTTP.' },

  // Identity and signature (gateway)
  accessKeyNotFound: { code: 'InvalidAccessKeyId.NotFound', status: 404, message: 'Specified access key is not found.' },
  accessKeyInactive: { code: 'InvalidAccessKeyId.Inactive', status: 400, message: 'Specified access key is disabled.' },
  invalidSignatureMethod: { code: 'InvalidSignatureMethod', status: 400, message: 'Specified signature method is not valid.' },
  invalidSignatureVersion: { code: 'InvalidSignatureVersion', status: 400, message: 'Specified signature version is not valid.' },
  // Clients parse this text: nothing may stand between the colon and the string to sign.
  signatureDoesNotMatch: {
    code: 'SignatureDoesNotMatch',
    status: 400,
    message: 'Specified signature is not matched with our calculation. server string to sign is:{stringToSign}',
  },
  incompleteSignature: {
    code: 'IncompleteSignature',
    status: 400,
    message: 'The request signature does not conform to Aliyun standards. {rule}',
  },
  timestampMalformed: {
    code: 'InvalidTimeStamp.Format',
    status: 400,
    message: 'Specified time stamp or date value is not well formatted.',
  },
  timestampExpired: { code: 'InvalidTimeStamp.Expired', status: 400, message: 'Specified time stamp or date value is expired.' },
  signatureNonceUsed: { code: 'SignatureNonceUsed', status: 400, message: 'Specified signature nonce was used already.' },
  securityTokenMalformed: { code: 'InvalidSecurityToken.Malformed', status: 400, message: 'Specified SecurityToken is malformed.' },
  securityTokenMismatch: {
    code: 'InvalidSecurityToken.MismatchWithAccessKey',
    status: 400,
    message: 'Specified SecurityToken mismatch with the AccessKey.',
  },
  securityTokenExpired: { code: 'InvalidSecurityToken.Expired', status: 400, message: 'Specified SecurityToken is expired.' },

  // Parameters
  missingParameter: { code: 'Missing{P}', status: 400, message: '{P} is mandatory for this action.' },
  invalidParameter: { code: 'InvalidParameter', status: 400, message: 'The specified parameter "{P}" is not valid. {rule}' },
  idempotentParameterMismatch: {
    code: 'IdempotentParameterMismatch',
    status: 400,
    message: 'The ClientToken was used before with other parameters.',
  },

  // Permission
  noPermission: { code: 'NoPermission', status: 403, message: 'You are not authorized to do this action. {rule}' },
  malformedPolicyDocument: { code: 'MalformedPolicyDocument', status: 400, message: 'The policy document is malformed. {rule}' },

  // Load and faults
  throttling: { code: 'Throttling.User', status: 400, message: 'Request was denied due to user flow control.' },
  serviceUnavailable: {
    code: 'ServiceUnavailable',
    status: 503,
    message: 'The request has failed due to a temporary failure of the server.',
  },
  internalError: { code: 'InternalError', status: 500, message: 'The request processing has failed due to some unknown error.' },

  callerInactive: {
    code: 'InvalidAccessKeyId.Inactive',
    status: 400,
    message: 'Specified access key is disabled.',
    acme: { type: 'unauthorized', status: 403 },
  },
  // Never sent: a step catches them and goes on (the next plan; the answer stored with the token).
  planExhausted: { code: 'NotRemainCount', status: 404, message: 'The plan has no certificates left.' },
  clientTokenTaken: { code: 'IdempotentParameterMismatch', status: 400, message: 'The ClientToken is being used by another request.' },
  moved: { code: 'OrderStateError', status: 403, message: 'The order was changed by another request; look again.' },

  // Orders and plans
  productLevelDenied: {
    code: 'OperationDenied.ProductLevel',
    status: 400,
    message: 'This operation serves DV products only; {P} is a product of level {level}.',
  },
  notFoundPackage: {
    code: 'NotFoundPackage',
    status: 404,
    message: 'No resource plan was bought for the product {P}.',
    acme: { type: 'unauthorized', status: 403 },
  },
  notRemainCount: {
    code: 'NotRemainCount',
    status: 404,
    message: 'No certificates are left in the resource plans of the product {P}.',
    acme: { type: 'rateLimited', status: 429 },
  },
  csrUsed: { code: 'ParamRepeat', status: 400, message: 'The key of the CSR belongs to another order.' },
  renewalExists: { code: 'OrderStateError', status: 403, message: 'The order has a renewal already.' },
  reviewerDenied: { code: 'OperationDenied.Reviewer', status: 403, message: 'You may not approve this order. {rule}' },
  notFoundOrder: { code: 'NotFoundOrder', status: 404, message: 'The specified order does not exist.' },
  tooManyAccessKeys: {
    code: 'LimitExceeded.User.AccessKey',
    status: 409,
    message: 'The principal has as many active access keys as are allowed.',
  },
  // The operator's commands
  masterKeyBusy: {
    code: 'OperationConflict.MasterKey',
    status: 409,
    message: 'The master key is at another point of its replacement than the command needs; chancery keys show tells.',
  },
  masterKeyMissing: {
    code: 'OperationConflict.MasterKeyMissing',
    status: 409,
    message: 'The next master key is not in {place}. {rule}',
  },
  masterKeyUsed: {
    code: 'OperationConflict.MasterKeyUsed',
    status: 409,
    message: 'The key {id} is in use or was replaced before: a new one is needed (openssl rand -base64 32).',
  },
  sealedValueUnreadable: {
    code: 'OperationConflict.SealedValue',
    status: 409,
    message: '{value} does not open: nothing is lost, and the rotation waits until that is mended. Run the command again then.',
  },

  // Audit
  eventNotExist: { code: 'EntityNotExist.Event', status: 404, message: 'The event does not exist.' },
  eventNotSealed: {
    code: 'OperationConflict.EventNotSealed',
    status: 409,
    message: 'The event is not in the log yet; ask again in a second.',
  },

  // Accounts and RAM
  operatorAccount: { code: 'OperationDenied.OperatorAccount', status: 409, message: 'The account of the operator cannot be suspended.' },
  accountNotExist: { code: 'EntityNotExist.Account', status: 404, message: 'The account does not exist.' },
  invalidRamName: { code: 'InvalidParameter.{P}.{fault}', status: 400, message: 'The parameter {P} is not valid. {rule}' },
  userExists: { code: 'EntityAlreadyExists.User', status: 409, message: 'A user of this name exists already.' },
  groupExists: { code: 'EntityAlreadyExists.Group', status: 409, message: 'A group of this name exists already.' },
  userInGroup: { code: 'EntityAlreadyExists.User.Group', status: 409, message: 'The user is in the group already.' },
  entityNotExist: { code: 'EntityNotExist.{P}', status: 404, message: 'The {what} does not exist.' },
  deleteConflict: { code: 'DeleteConflict.{P}', status: 409, message: 'It cannot be deleted: {rule}' },
  limitExceeded: { code: 'LimitExceeded.{P}', status: 409, message: 'There are as many as are allowed: {limit}.' },
  policyExists: { code: 'EntityAlreadyExists.Policy', status: 409, message: 'A policy of this name exists already.' },
  roleExists: { code: 'EntityAlreadyExists.Role', status: 409, message: 'A role of this name exists already.' },
  policyAttached: { code: 'EntityAlreadyExists.{P}', status: 409, message: 'The policy is attached to the {what} already.' },
  invalidRamValue: { code: 'InvalidParameter.{P}', status: 400, message: 'The parameter {P} is not valid. {rule}' },
  resourceGroupNotExist: {
    code: 'EntityNotExists.ResourceGroup',
    status: 404,
    message: 'There are no resource groups here: a policy is attached for the whole account.',
  },
  // Role sessions and identity providers
  rootMayNotAssume: { code: 'NoPermission', status: 403, message: 'Roles may not be assumed by root accounts.' },
  sessionPolicyGrammar: {
    code: 'InvalidParameter.PolicyGrammar',
    status: 400,
    message: 'The parameter Policy has not passed grammar check. {rule}',
  },
  sessionPolicySize: {
    code: 'InvalidParameter.PolicySize',
    status: 400,
    message: 'The size of Policy must be at most {limit} characters.',
  },
  oidcProviderExists: { code: 'EntityAlreadyExists.OIDCProvider', status: 409, message: 'An OIDC provider of this name exists already.' },
  oidcIssuerExists: {
    code: 'EntityAlreadyExists.OIDCProvider.Url',
    status: 409,
    message: 'An OIDC provider of this issuer exists already.',
  },
  oidcNoPermission: { code: 'AuthenticationFail.NoPermission', status: 401, message: '{rule}' },
  oidcTokenInvalid: { code: 'AuthenticationFail.OIDCToken.Invalid', status: 401, message: 'The OIDC token is invalid. {rule}' },
  oidcTokenExpired: { code: 'AuthenticationFail.OIDCToken.Expired', status: 401, message: 'This JsonWebToken is expired. {rule}' },
  oidcIssuerNotMatch: {
    code: 'AuthenticationFail.OIDCToken.IssuerNotMatch',
    status: 401,
    message: "The issuer in the OIDC Token doesn't match the OIDC Provider registered.",
  },
  oidcAudienceNotMatch: { code: 'AuthenticationFail.OIDCToken.AudienceNotMatch', status: 401, message: 'Invalid audience.' },
  oidcInvalidSignature: {
    code: 'AuthenticationFail.OIDCToken.InvalidSignature',
    status: 401,
    message: 'OIDC token validate failed: invalid signature.',
  },
  oidcIssuerBroken: {
    code: 'AuthenticationFail.OIDCToken.IssuerConfigurationBroken',
    status: 401,
    message: 'Get public keys from OIDC Provider failed. {rule}',
  },
  oidcIssuerUntrusted: {
    code: 'AuthenticationFail.OIDCToken.HttpsUrlInvalid',
    status: 401,
    message: 'Invoke url failed due to certificate chain validation.',
  },
  oidcFingerprintMismatch: {
    code: 'AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch',
    status: 401,
    message: "The certificates of the issuer's address match none of the fingerprints of the OIDC provider.",
  },
  notFoundContent: { code: 'NotFound', status: 400, message: 'The {what} does not exist.' },
  notFoundCertificate: {
    code: 'NotFound',
    status: 400,
    message: 'The specified certificate does not exist.',
    acme: { type: 'malformed', status: 404 },
  },
  nameRepeat: { code: 'NameRepeat', status: 400, message: 'The certificate name already exists.' },
  privateKeyFormat: { code: 'PrivateKeyFormatException', status: 400, message: 'The format of the private key {P} is not valid. {rule}' },
  certificateFormat: { code: 'CertificateFormatException', status: 400, message: 'The format of the certificate {P} is not valid. {rule}' },
  certificateKeyMismatch: {
    code: 'NotMatch.CertificateAndPrivateKey',
    status: 400,
    message: 'The private key {P} is not the one of the first certificate in {certificate}.',
  },
  csrKeyMismatch: { code: 'NotMatch.CsrAndPrivateKey', status: 400, message: 'The private key {P} is not the one of the CSR.' },
  privateKeyNotHeld: {
    code: 'NotFound.PrivateKey',
    status: 400,
    message: 'The service does not hold the private key of the certificate; the format {format} needs it.',
  },
  certificateChainMismatch: {
    code: 'CertificateChainNotMatch',
    status: 400,
    message: 'The certificates in {P} are not a chain, leaf first. {rule}',
  },
  certificateValid: {
    code: 'DeleteFail',
    status: 403,
    message: 'The certificate was issued here and is valid; revoke it first with CancelCertificateForPackageRequest.',
  },
  certificateRevoked: {
    code: 'OrderStateError',
    status: 403,
    message: 'The certificate is revoked already.',
    acme: { type: 'alreadyRevoked', status: 400 },
  },
  orderStateError: { code: 'OrderStateError', status: 403, message: 'The order is in the wrong state for this call: {rule}' },
  // The ACME door: what every request meets
  acmeBadNonce: {
    code: 'SignatureNonceUsed',
    status: 400,
    // A widely used client repeats a request only if it reads exactly this.
    message: 'JWS has an invalid anti-replay nonce',
    acme: { type: 'badNonce', status: 400 },
  },
  acmeBadAlgorithm: {
    code: 'InvalidSignatureMethod',
    status: 400,
    message: 'The signature algorithm cannot be used. {rule}',
    acme: { type: 'badSignatureAlgorithm', status: 400 },
  },
  acmeBadPublicKey: {
    code: 'InvalidParameter',
    status: 400,
    message: 'The public key cannot be used. {rule}',
    acme: { type: 'badPublicKey', status: 400 },
  },
  acmeBadSignature: {
    code: 'SignatureDoesNotMatch',
    status: 400,
    message: 'The signature of the JWS is not by the key that it names.',
    acme: { type: 'malformed', status: 400 },
  },
  acmeUnauthorized: {
    code: 'InvalidAccessKeyId',
    status: 403,
    message: 'The request is not authorized. {rule}',
    acme: { type: 'unauthorized', status: 403 },
  },
  acmeNotFound: { code: 'NotFound', status: 400, message: 'There is no such resource.', acme: { type: 'malformed', status: 404 } },
  acmeMethod: {
    code: 'UnsupportedHTTPMethod',
    status: 400,
    message: 'This resource is reached by {methods}.',
    acme: { type: 'malformed', status: 405 },
  },
  acmeMediaType: {
    code: 'InvalidFormat',
    status: 415,
    message: 'The body of a POST is application/jose+json.',
    acme: { type: 'malformed', status: 415 },
  },
  // The ACME door: accounts
  acmeAccountNotFound: {
    code: 'EntityNotExist.AcmeAccount',
    status: 404,
    message: 'There is no account of this key or URL.',
    acme: { type: 'accountDoesNotExist', status: 400 },
  },
  acmeAccountClosed: {
    code: 'InvalidAccessKeyId.Inactive',
    status: 400,
    message: 'The account is {status}.',
    acme: { type: 'unauthorized', status: 401 },
  },
  acmeBindingRequired: {
    code: 'MissingExternalAccountBinding',
    status: 400,
    message: 'A new account has to be bound to an external account key.',
    acme: { type: 'externalAccountRequired', status: 403 },
  },
  acmeBadBinding: {
    code: 'SignatureDoesNotMatch',
    status: 400,
    message: 'The external account binding is not valid. {rule}',
    acme: { type: 'unauthorized', status: 403 },
  },
  acmeBindingFull: {
    code: 'LimitExceeded.AcmeAccount',
    status: 409,
    message: 'The external account key has as many accounts as it may have.',
    acme: { type: 'unauthorized', status: 403 },
  },
  acmeTermsRequired: {
    code: 'InvalidParameter',
    status: 400,
    message: 'The terms of service have to be agreed to; the directory says where they are.',
    acme: { type: 'userActionRequired', status: 403 },
  },
  acmeInvalidContact: {
    code: 'InvalidParameter',
    status: 400,
    message: 'A contact cannot be used. {rule}',
    acme: { type: 'invalidContact', status: 400 },
  },
  acmeUnsupportedContact: {
    code: 'InvalidParameter',
    status: 400,
    message: 'Contacts are mailto: URLs.',
    acme: { type: 'unsupportedContact', status: 400 },
  },
  acmeKeyTaken: {
    code: 'EntityAlreadyExists.AcmeAccount',
    status: 409,
    message: 'The key is that of an account already.',
    acme: { type: 'malformed', status: 409 },
  },
  // The ACME door: orders
  acmeMalformed: {
    code: 'InvalidParameter',
    status: 400,
    message: 'The request is malformed. {rule}',
    acme: { type: 'malformed', status: 400 },
  },
  unsupportedIdentifier: {
    code: 'InvalidParameter',
    status: 400,
    message: 'Identifiers of the type {type} are not served; dns and ip are.',
    acme: { type: 'unsupportedIdentifier', status: 400 },
  },
  rejectedIdentifier: { code: 'InvalidParameter', status: 400, message: '{rule}', acme: { type: 'rejectedIdentifier', status: 400 } },
  identifiersRejected: {
    code: 'InvalidParameter',
    status: 400,
    message: 'Some of the identifiers were rejected.',
    acme: { type: 'compound', status: 400 },
  },
  invalidProfile: {
    code: 'InvalidParameter',
    status: 400,
    message: 'The profile cannot be used. {rule}',
    acme: { type: 'invalidProfile', status: 400 },
  },
  alreadyReplaced: {
    code: 'OrderStateError',
    status: 403,
    message: 'The certificate to be replaced has been replaced already, or another order is about to.',
    acme: { type: 'alreadyReplaced', status: 409 },
  },
  orderNotReady: {
    code: 'OrderStateError',
    status: 403,
    message: 'The order is {status}, not ready.',
    acme: { type: 'orderNotReady', status: 403 },
  },
  badCsr: { code: 'InvalidParameter', status: 400, message: 'The CSR cannot be used. {rule}', acme: { type: 'badCSR', status: 400 } },
  acmeOrderLost: {
    code: 'OrderStateError',
    status: 403,
    message: 'The order ended before a certificate was issued: it was withdrawn, or its time was over.',
    acme: { type: 'malformed', status: 400 },
  },
  authorizationEnded: {
    code: 'OrderStateError',
    status: 403,
    message: 'The authorization is {status}: no challenge of it can be started.',
    acme: { type: 'malformed', status: 400 },
  },
  notFoundAuthorization: {
    code: 'NotFound',
    status: 400,
    message: 'The authorization does not exist.',
    acme: { type: 'malformed', status: 404 },
  },
  tooManyOpenOrders: {
    code: 'Throttling.User',
    status: 400,
    message: 'There are {limit} open orders already: finish them, or wait until they expire.',
    acme: { type: 'rateLimited', status: 429 },
  },
  eabKeyUnusable: {
    code: 'InvalidAccessKeyId.Inactive',
    status: 400,
    message: 'The external account key is switched off, deleted or expired.',
    acme: { type: 'unauthorized', status: 403 },
  },
  acmeAccountEnded: {
    code: 'OperationConflict.AcmeAccount',
    status: 409,
    message: 'The ACME account is {status} already.',
    acme: { type: 'unauthorized', status: 403 },
  },
  eabKeySpent: {
    code: 'NotRemainCount',
    status: 404,
    message: 'The external account key has spent the units it was given.',
    acme: { type: 'unauthorized', status: 403 },
  },
  revocationDenied: {
    code: 'NoPermission',
    status: 403,
    message: 'Neither the account nor the key that signed the request may revoke this certificate.',
    acme: { type: 'unauthorized', status: 403 },
  },
  badRevocationReason: {
    code: 'InvalidParameter',
    status: 400,
    message: 'The reason of a revocation must be one of {allowed} (RFC 5280 section 5.3.1).',
    acme: { type: 'badRevocationReason', status: 400 },
  },
  proofConnection: { code: 'VerifyFailed', status: 400, message: '{rule}', acme: { type: 'connection', status: 400 } },
  proofDns: { code: 'VerifyFailed', status: 400, message: '{rule}', acme: { type: 'dns', status: 400 } },
  proofTls: { code: 'VerifyFailed', status: 400, message: '{rule}', acme: { type: 'tls', status: 400 } },
  proofIncorrect: { code: 'VerifyFailed', status: 400, message: '{rule}', acme: { type: 'incorrectResponse', status: 403 } },
  proofUnauthorized: { code: 'VerifyFailed', status: 400, message: '{rule}', acme: { type: 'unauthorized', status: 403 } },
} as const satisfies Record<string, ProblemRow>

/** One row of the table: RPC error code, HTTP status, public message. */
export interface ProblemRow {
  readonly code: string
  readonly status: number
  readonly message: string
  /** What the ACME door sends instead; absent: it follows from the status. */
  readonly acme?: { readonly type: AcmeErrorType; readonly status: number }
}

/** The part after `urn:ietf:params:acme:error:` (RFC 8555 section 6.7, RFC 9773 section 7.4, draft-ietf-acme-profiles). */
export type AcmeErrorType =
  | 'accountDoesNotExist'
  | 'alreadyReplaced'
  | 'alreadyRevoked'
  | 'badCSR'
  | 'badNonce'
  | 'badPublicKey'
  | 'badRevocationReason'
  | 'badSignatureAlgorithm'
  | 'caa'
  | 'compound'
  | 'connection'
  | 'dns'
  | 'externalAccountRequired'
  | 'incorrectResponse'
  | 'invalidContact'
  | 'invalidProfile'
  | 'malformed'
  | 'orderNotReady'
  | 'rateLimited'
  | 'rejectedIdentifier'
  | 'serverInternal'
  | 'tls'
  | 'unauthorized'
  | 'unsupportedContact'
  | 'unsupportedIdentifier'
  | 'userActionRequired'

export type ProblemName = keyof typeof problems

/** Values for the names in braces of a problem's code and message. They are public: never a secret, a URL or a query. */
export type ProblemParams = Readonly<Record<string, string>>

/** One identifier of several, and what is wrong with it. */
export interface Subproblem {
  readonly identifier: { readonly type: string; readonly value: string }
  readonly problem: Problem
}

/**
 * An error that a caller can act on. Anything else that is thrown is a bug and is answered as `internalError`.
 *
 * @example throw new Problem('missingParameter', { P: 'Domain' })
 */
export class Problem extends Error {
  readonly problem: ProblemName
  readonly params: ProblemParams

  /** What was wrong with which identifier (RFC 8555 section 6.7.1); only the ACME door tells. */
  readonly subproblems: readonly Subproblem[]

  constructor(
    problem: ProblemName,
    params: ProblemParams = {},
    options: ErrorOptions & { readonly subproblems?: readonly Subproblem[] } = {},
  ) {
    super(fillIn(problems[problem].message, params), options)
    this.name = 'Problem'
    this.problem = problem
    this.params = params
    this.subproblems = options.subproblems ?? []
  }

  /** The RPC error code, e.g. `MissingDomain`. */
  get code(): string {
    return fillIn(problems[this.problem].code, this.params)
  }

  /** The HTTP status of the RPC answer. */
  get status(): number {
    return problems[this.problem].status
  }
}

function fillIn(template: string, params: ProblemParams): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '').trim()
}

/**
 * What a broken constraint means to a caller, by the constraint's name in the migrations. A constraint that is not listed
 * is a bug if it ever breaks.
 */
export const constraintProblems: Readonly<Record<string, ProblemName>> = {
  plans_quota: 'planExhausted',
  eab_keys_units: 'eabKeySpent',
  eab_keys_accounts: 'acmeBindingFull',
  acme_accounts_thumbprint: 'acmeKeyTaken',
  acme_orders_replaces: 'alreadyReplaced',
  // The same wish twice at a time: the second look finds the order of the first.
  orders_wish_once: 'moved',
  orders_csr_once: 'csrUsed',
  certificate_cards_name: 'nameRepeat',
  orders_renewal_once: 'renewalExists',
  ram_users_name: 'userExists',
  ram_groups_name: 'groupExists',
  ram_group_members_pkey: 'userInGroup',
  ram_policies_name: 'policyExists',
  ram_roles_name: 'roleExists',
  oidc_providers_name: 'oidcProviderExists',
  client_tokens_pkey: 'clientTokenTaken',
  // Two steps issue the same order: the second meets the first one's certificate before it meets the order's new revision.
  certificates_one_per_order: 'moved',
  // The same person decides twice at a time: the second look finds the first decision.
  review_decisions_once: 'moved',
  // The same of two that give an order's unit back, or commit it.
  ledger_entries_idempotency: 'moved',
  // The process was asleep while the master key was replaced; it follows within a second, and the call can be repeated.
  sealed_by_retired_key: 'serviceUnavailable',
}
