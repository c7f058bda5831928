import { reportNotRun } from '../support/not-run.ts'
import { describeForeignClient } from './foreign-order.ts'
import { connectGo } from './go/connect-go.ts'

const title = 'darabonba-openapi of Go, on which its generated clients run (ACS3)'

// The generated code only names the parameters of its calls to this runtime. Its module is not served to the machines that run this suite.
reportNotRun('the generated Go client cas-20200407/v4', 'the module proxy does not serve it; the runtime that it calls is run instead')
describeForeignClient(title, await connectGo(title), { tags: true, wrongSecretCode: 'SignatureDoesNotMatch' })
