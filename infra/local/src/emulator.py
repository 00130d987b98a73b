"""Starts ministack. What it makes of an expression's text it works out for every item that a query looks at; here, once for each text."""

import functools
import runpy

from ministack.services import dynamodb

for of_text_alone in ("_tokenize", "_condition_syntax_error"):
    setattr(dynamodb, of_text_alone, functools.lru_cache(1024)(getattr(dynamodb, of_text_alone)))

runpy.run_module("ministack", run_name="__main__")
