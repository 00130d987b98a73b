#!/usr/bin/env python3
"""A function that writes down each event it is given, and answers what every trigger takes for done."""

import os
import urllib.request as http

RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
DONE = b'{"statusCode": 200, "batchItemFailures": []}'

while True:
    with http.urlopen(f"{RUNTIME}/next") as given:
        invocation, event = given.headers["Lambda-Runtime-Aws-Request-Id"], given.read()
    note = os.path.join(NOTES, f"{FUNCTION}-{invocation}")
    with open(f"{note}.part", "wb") as file:
        file.write(event)
    os.rename(f"{note}.part", f"{note}.json")
    http.urlopen(http.Request(f"{RUNTIME}/{invocation}/response", DONE)).close()
