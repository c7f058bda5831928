// Prints the credential that the official credential package gets: by the configuration in the first argument, or by its default chain.
import Credentials from '@alicloud/credentials'

const [given] = process.argv.slice(2)
const config = given === undefined ? undefined : new Credentials.Config(JSON.parse(given) as Record<string, unknown>)
const { accessKeyId, accessKeySecret, securityToken, providerName } = await new Credentials.default(config).getCredential()
console.log(JSON.stringify({ accessKeyId, accessKeySecret, securityToken, providerName }))
