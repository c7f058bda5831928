/** Calls a second that the original allows one account, by operation; what it does not state has the general limit. */
const rates: Readonly<Record<number, readonly string[]>> = {
  10: [
    'CancelCertificateForPackageRequest',
    'ListUserCertificateOrder',
    'ListCert',
    'ListCertWarehouse',
    'GetCertWarehouseQuota',
    'BatchUpdateNoticeStatus',
    // Ours: each look reaches out to the network.
    'CheckDomain',
    // Ours: revocations that a certificate's key signs. Anybody may try one, and each leaves a nonce.
    'AcmeRevokeCertByKey',
  ],
  100: ['CancelOrderRequest', 'UploadUserCertificate', 'GetUserCertificateDetail', 'DeleteUserCertificate'],
  1000: ['Sign', 'Verify'],
}

export const callRates: ReadonlyMap<string, number> = new Map(
  Object.entries(rates).flatMap(([perSecond, names]) => names.map((name) => [name, Number(perSecond)] as const)),
)
