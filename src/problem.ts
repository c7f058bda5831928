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

  callerInactive: { code: 'InvalidAccessKeyId.Inactive', status: 400, message: 'Specified access key is disabled.' },
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
  notFoundPackage: { code: 'NotFoundPackage', status: 404, message: 'No resource plan was bought for the product {P}.' },
  notRemainCount: { code: 'NotRemainCount', status: 404, message: 'No certificates are left in the resource plans of the product {P}.' },
  notFoundOrder: { code: 'NotFoundOrder', status: 404, message: 'The specified order does not exist.' },
  tooManyAccessKeys: {
    code: 'LimitExceeded.User.AccessKey',
    status: 409,
    message: 'The principal has as many active access keys as are allowed.',
  },
  notFoundCertificate: { code: 'NotFound', status: 404, message: 'The specified certificate does not exist.' },
  certificateRevoked: { code: 'OrderStateError', status: 403, message: 'The certificate is revoked already.' },
  orderStateError: { code: 'OrderStateError', status: 403, message: 'The order is in the wrong state for this call: {rule}' },
} as const satisfies Record<string, ProblemRow>

/** One row of the table: RPC error code, HTTP status, public message. */
export interface ProblemRow {
  readonly code: string
  readonly status: number
  readonly message: string
}

export type ProblemName = keyof typeof problems

/** Values for the names in braces of a problem's code and message. They are public: never a secret, a URL or a query. */
export type ProblemParams = Readonly<Record<string, string>>

/**
 * An error that a caller can act on. Anything else that is thrown is a bug and is answered as `internalError`.
 *
 * @example throw new Problem('missingParameter', { P: 'Domain' })
 */
export class Problem extends Error {
  readonly problem: ProblemName
  readonly params: ProblemParams

  constructor(problem: ProblemName, params: ProblemParams = {}, options?: ErrorOptions) {
    super(fillIn(problems[problem].message, params), options)
    this.name = 'Problem'
    this.problem = problem
    this.params = params
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
  client_tokens_pkey: 'clientTokenTaken',
  // Two steps issue the same order: the second meets the first one's certificate before it meets the order's new revision.
  certificates_one_per_order: 'moved',
}
