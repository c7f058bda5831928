"""Makes calls through the generated client alibabacloud-cas20200407, which signs with ACS3-HMAC-SHA256."""

from alibabacloud_cas20200407 import models
from alibabacloud_cas20200407.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config

import line_protocol


def connect(service):
    return Client(
        Config(
            access_key_id=service["accessKeyId"],
            access_key_secret=service["accessKeySecret"],
            endpoint=service["host"],
            protocol="http",
        )
    )


def call(client, action, parameters):
    methods = {
        "CreateCertificateRequest": (client.create_certificate_request, models.CreateCertificateRequestRequest),
        "DescribeCertificateState": (client.describe_certificate_state, models.DescribeCertificateStateRequest),
        "DescribePackageState": (client.describe_package_state, models.DescribePackageStateRequest),
    }
    method, model = methods[action]
    request = model()
    request.from_map(parameters)
    try:
        return {"body": method(request).body.to_map()}
    except AlibabaCloudException as error:
        return {
            "error": {
                "code": error.code,
                "status": error.status_code,
                "requestId": error.request_id,
                "message": error.message,
            }
        }


line_protocol.serve(connect, call)
