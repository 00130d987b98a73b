"""Starts ministack, with three things of it changed."""

import functools
import runpy

from ministack.core import iam_evaluator
from ministack.services import dynamodb, ecs

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

runpy.run_module("ministack", run_name="__main__")
