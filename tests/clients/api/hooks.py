"""What schemathesis is told of the admin API.

Half of the paths that schemathesis asks for name what there is: otherwise most answers would be 404, and little would be tried.
"""

import json
import os
import zlib

import requests
import schemathesis

API = f"{os.environ['DOORWARD_TEST_ISSUER']}/admin/v1"
TENANT = "robots"
OWN = "demo"


def ids(collection):
    headers = {"Authorization": f"Bearer {os.environ['DOORWARD_TEST_TOKEN']}"}
    answer = requests.get(f"{API}/tenants/{TENANT}/{collection}", headers=headers)
    answer.raise_for_status()
    return [item.get("id") or item.get("kid") for item in answer.json()["items"]]


KNOWN = {name: ids(name) for name in ("apis", "clients", "contexts", "issuers", "keys", "roles", "users")}
KNOWN["secrets"] = ids("clients/shop/secrets")
# What is in a path after a collection's name belongs to it.
NAMED = {"kid": "keys", "secret": "secrets", "user": "users"}


@schemathesis.hook
def map_path_parameters(context, parameters):
    if not parameters:
        return parameters
    # Decided by what was drawn, so that the same drawing asks for the same.
    chance = zlib.crc32(repr(sorted(parameters.items(), key=str)).encode("utf-8", "surrogatepass"))
    removes = context.operation.method.upper() == "DELETE"
    if chance % (16 if removes else 2):
        return parameters
    collection = next((part for part in context.operation.path.split("/")[3:4]), "")
    known = dict(parameters)
    for name in known:
        if name == "tenant":
            known[name] = TENANT
        elif name == "type":
            known[name] = "plant"
        elif name == "id" and collection == "contexts":
            known[name] = "one"
        elif found := KNOWN.get(NAMED.get(name, collection)):
            known[name] = found[chance // 16 % len(found)]
    return known


@schemathesis.hook
def before_call(context, case, kwargs):
    # What is read in an answer is asked for later on, in every phase: never of the tenant whose client asks, whose keys would go with its
    # own token.
    if case.path_parameters and case.path_parameters.get("tenant") == OWN:
        case.path_parameters["tenant"] = TENANT


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")
