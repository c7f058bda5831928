import OpenApi from '@alicloud/openapi-client'
import Cas from 'cas-1'
import { z } from 'zod'
import type { ConnectForeignClient, ForeignAction, ForeignParameters } from './foreign-client.ts'
import { describeForeignClient } from './foreign-order.ts'

/** An error of this client: the request id stands only in the data. */
const thrown = z.object({ code: z.string(), message: z.string(), data: z.object({ statusCode: z.number(), RequestId: z.string() }) })

const connect: ConnectForeignClient = ({ host, accessKeyId, accessKeySecret }) => {
  const client = new Cas.default(new OpenApi.Config({ endpoint: host, protocol: 'http', accessKeyId, accessKeySecret }))
  return Promise.resolve({
    async call(action, parameters) {
      try {
        const { body } = await request(client, action, parameters)
        return { body: body?.toMap() ?? {} }
      } catch (error) {
        const { code, message, data } = thrown.parse(error)
        return { error: { code, message, status: data.statusCode, requestId: data.RequestId } }
      }
    },
    close: () => Promise.resolve(),
  })
}

function request(client: Cas.default, action: ForeignAction, given: ForeignParameters) {
  switch (action) {
    case 'CreateCertificateRequest':
      return client.createCertificateRequest(
        new Cas.CreateCertificateRequestRequest({
          productCode: given['ProductCode'],
          domain: given['Domain'],
          validateType: given['ValidateType'],
          username: given['Username'],
          phone: given['Phone'],
          email: given['Email'],
        }),
      )
    case 'DescribeCertificateState':
      return client.describeCertificateState(new Cas.DescribeCertificateStateRequest({ orderId: given['OrderId'] }))
    case 'DescribePackageState':
      return client.describePackageState(new Cas.DescribePackageStateRequest({ productCode: given['ProductCode'] }))
  }
}

describeForeignClient('@alicloud/cas20200407 1.3.0 (openapi-client)', connect, { tags: false, wrongSecretCode: 'SignatureDoesNotMatch' })
