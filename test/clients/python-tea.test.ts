import { describeForeignClient } from './foreign-order.ts'
import { connectPython } from './python/connect-python.ts'

const title = 'alibabacloud-cas20200407 of Python (ACS3)'

describeForeignClient(title, await connectPython(title, ['tea.py']), { tags: true, wrongSecretCode: 'SignatureDoesNotMatch' })
