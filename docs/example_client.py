"""From a token to a person with a desktop, by calls alone: `example_client.py EMAIL USERNAME ACCOUNT.json`.

BERTH is where the API is (https://berth.example.com/api/workspaces), TOKEN a token that may read and write.
ACCOUNT.json is a cloud account as POST cloud-credentials/ takes it.
"""

import json
import os
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

email, username, account_file = sys.argv[1:]
PAUSE_S = float(os.environ.get("PAUSE_S", "5"))


def call(method: str, path: str, body: object = None) -> dict:
    """Repeated as long as Berth says to wait. By the key a POST with a body happens once."""
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}", "Content-Type": "application/json"}
    if body is not None:
        headers["Idempotency-Key"] = f"{path}{email}"
    sent = Request(os.environ["BERTH"] + path, body and json.dumps(body).encode(), headers, method=method)
    while True:
        try:
            with urlopen(sent) as answer:
                return json.load(answer)
        except HTTPError as error:
            if not error.headers["Retry-After"]:
                sys.exit(f"{method} {path}: {error.read().decode()}")
            time.sleep(int(error.headers["Retry-After"]))


def wait(path: str, *states: str) -> dict:
    while (found := call("GET", path))["state"] in states:
        time.sleep(PAUSE_S)
    return found


account = call("POST", "/cloud-credentials/", json.loads(Path(account_file).read_text()))["id"]
tested = call("POST", f"/cloud-credentials/{account}/test/")
if not tested["ok"]:
    sys.exit("\n".join(one["message"] for one in tested["checks"] if one["ok"] is False))
job = call("POST", "/job-postings/", {"title": "Data analyst", "description": "Reads numbers."})
hired = call("POST", "/applications/", {"email": email, "job_posting_id": job["id"]})
if hired["application"]:  # the company knows the person
    application = hired["application"]["id"]
else:  # who is new decides by the invitation
    print("Invitation:", hired["invitation"]["url"] or "on its way by mail", flush=True)
    application = wait(f"/invitations/{hired['invitation']['id']}/", "sent", "opened")["application_id"]
bundles = call("GET", f"/bundles/{account}/")["bundles"]
bundle = next(one["bundle_id"] for one in bundles if one["available"] and one["workspace_type"] == "ubuntu")
order = {"application_id": application, "cloud_credential_id": account, "bundle_id": bundle}
desktop = call("POST", "/workspaces/", order | {"workspace_type": "ubuntu", "username": username})
ready = wait(f"/workspaces/{desktop['id']}/", "PENDING")
if ready["error"]:
    sys.exit(ready["error"]["message"])
print("Connect:", call("GET", f"/workspaces/{desktop['id']}/connection/")["connection_string"])
