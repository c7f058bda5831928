"""Makes calls through aliyun-python-sdk-core, which signs with RPC V1.

The arguments are CommonRequest, or RpcRequest from which generated clients derive, and GET or POST.
"""

import json
import sys

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest, RpcRequest

import line_protocol

KIND, METHOD = sys.argv[1:]


def connect(service):
    host, port = service["host"].split(":")
    # Without repeats: a repeated call would hide that the first one failed.
    client = AcsClient(service["accessKeyId"], service["accessKeySecret"], port=int(port), auto_retry=False)
    return client, host


def call(connection, action, parameters):
    client, host = connection
    request = create_request(host, action)
    request.set_protocol_type("http")
    request.set_method(METHOD)
    in_form = KIND == "CommonRequest" and METHOD == "POST"
    add = request.add_body_params if in_form else request.add_query_param
    for name, value in flatten(parameters):
        add(name, value)
    try:
        return {"body": json.loads(client.do_action_with_exception(request))}
    except ServerException as error:
        return {
            "error": {
                "code": error.get_error_code(),
                "status": error.get_http_status(),
                "requestId": error.get_request_id(),
                "message": error.get_error_msg(),
            }
        }


def create_request(host, action):
    if KIND == "CommonRequest":
        return CommonRequest(domain=host, version="2020-04-07", action_name=action)
    request = RpcRequest("cas", "2020-04-07", action)
    request.set_endpoint(host)
    return request


def flatten(parameters):
    """This client leaves the names of list members to its caller."""
    for name, value in parameters.items():
        if not isinstance(value, list):
            yield name, value
            continue
        for place, member in enumerate(value, start=1):
            for field, text in member.items():
                yield f"{name}.{place}.{field}", text


line_protocol.serve(connect, call)
