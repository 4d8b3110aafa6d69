"""What a sealed secret is bound to: anywhere else, or beside other values, it does not open.

A row of the database can be changed by whoever can write to it. So the text of a secret is bound to its row
and column, and to every value that decides whose secret it is and where it is used.
"""

import json
from collections.abc import Mapping


def credential_binding(
    *,
    uid: str,
    column: str,
    company_id: int,
    cloud_provider: str,
    account_id: str | None,
    fields: Mapping[str, str],
) -> str:
    """For the secret of a cloud account; `fields` are the readable ones that say where it is used."""
    return _text(
        "cloud_credentials",
        uid,
        column,
        {"company": company_id, "cloud": cloud_provider, "account": account_id or "", "fields": dict(fields)},
    )


def signing_key_binding(*, uid: str, company_id: int, url: str) -> str:
    """For the signing key of a webhook."""
    return _text("webhook_endpoints", uid, "signing_key", {"company": company_id, "url": url})


def mail_link_binding(*, message_id: str, kind: str, address: str) -> str:
    """For the single-use link of a mail: it opens for no other recipient."""
    return _text("mails", message_id, "link", {"kind": kind, "address": address})


def first_password_binding(*, mark: str, company_id: int, slot: str) -> str:
    """For the first password of a directory's user: it opens for no other one."""
    return _text("directory_users", mark, "sealed_password", {"company": company_id, "slot": slot})


def former_binding(table: str, uid: str, column: str) -> str:
    """For texts of version 1, which were bound to row and column only; `jobs.reseal` still opens them."""
    return f"{table}/{uid}/{column}"


def _text(table: str, uid: str, column: str, facts: Mapping[str, object]) -> str:
    """Unambiguous: no value can look like two others."""
    return json.dumps([table, uid, column, facts], sort_keys=True, separators=(",", ":"))
