"""Checks the signature of a webhook of Carteiro. Python 3.8 or newer, no packages."""

import hashlib
import hmac
import os
import sys
import time

# How many seconds old a delivery may be. Each try is signed anew, so this only has to cover clocks and the network.
TOLERANCE = 300


def verify(secret, signature, body, now=None):
    """Whether a delivery is from your Carteiro, whole, and new.

    secret: what PUT /v2/webhooks answered, "whsec_" included. signature: the header X-Signature.
    body: the bytes as they came, before anything parses them. now: seconds since 1970.
    """
    parts = [part.partition("=")[::2] for part in (signature or "").split(",")]
    sent = next((value for name, value in parts if name == "t"), "")
    if not (sent.isascii() and sent.isdigit()):
        return False
    if abs((time.time() if now is None else now) - int(sent)) > TOLERANCE:
        return False
    expected = hmac.new(secret.encode(), sent.encode() + b"." + body, hashlib.sha256).hexdigest()
    # After a change of the secret there are two v1 for a day: one of them is enough.
    given = [value.encode() for name, value in parts if name == "v1"]
    return any(hmac.compare_digest(value, expected.encode()) for value in given)


# python3 verify.py < body, with SECRET and SIGNATURE in the environment.
if __name__ == "__main__":
    valid = verify(os.environ.get("SECRET", ""), os.environ.get("SIGNATURE", ""), sys.stdin.buffer.read())
    print("valid" if valid else "refused")
    sys.exit(0 if valid else 1)
