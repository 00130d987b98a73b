"""Starts ministack, with four things of it changed."""

import functools
import re
import runpy

from ministack.core import iam_evaluator
from ministack.services import dynamodb, ec2, ecs
from ministack.services.cloudformation import provisioners

# What it makes of an expression's text it works out for every item that a query looks at; here, once for each text.
for of_text_alone in ("_tokenize", "_condition_syntax_error"):
    setattr(dynamodb, of_text_alone, functools.lru_cache(1024)(getattr(dynamodb, of_text_alone)))

# It is reached over plain HTTP, on loopback, which the templates' policies deny: here every request counts as one over TLS.
value_of = iam_evaluator._resolve_condition_key
iam_evaluator._resolve_condition_key = lambda key, request: (
    "true" if key.lower() == "aws:securetransport" else value_of(key, request)
)

# A number that is a template's parameter comes to ECS as text, which cannot be counted with.
create_service = ecs._create_service
ecs._create_service = lambda service: create_service({**service, "desiredCount": int(service.get("desiredCount", 1))})

# Its EC2 has NAT gateways and addresses for them, its CloudFormation does not.


def made(answer, field):
    """A field of what EC2 answers, in XML, to a request that makes something."""
    return re.search(f"<{field}>(.*?)</{field}>", str(answer[2]))[1]


def make_address(_name, _properties, _stack):
    answer = ec2._allocate_address({})
    address, allocation = made(answer, "publicIp"), made(answer, "allocationId")
    return address, {"PublicIp": address, "AllocationId": allocation}


def release_address(address, _properties):
    held = [name for name, of in ec2._addresses.items() if of["PublicIp"] == address]
    for allocation in held:
        ec2._release_address({"AllocationId": allocation})


def make_gateway(_name, properties, _stack):
    wanted = {field: properties[field] for field in ("AllocationId", "SubnetId")}
    gateway = made(ec2._create_nat_gateway(wanted), "natGatewayId")
    return gateway, {"NatGatewayId": gateway}


def delete_gateway(gateway, _properties):
    ec2._delete_nat_gateway({"NatGatewayId": gateway})


provisioners._RESOURCE_HANDLERS["AWS::EC2::EIP"] = {"create": make_address, "delete": release_address}
provisioners._RESOURCE_HANDLERS["AWS::EC2::NatGateway"] = {"create": make_gateway, "delete": delete_gateway}

runpy.run_module("ministack", run_name="__main__")
