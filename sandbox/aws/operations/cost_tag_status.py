"""Cost allocation tags: which there are, activation, and back-fills. Only for payers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cost_tags import Backfill
from sandbox.aws.errors import AwsError
from sandbox.aws.operations.cost_filter import refuse
from sandbox.aws.paging import cut_page
from sandbox.aws.validate import check_enum, check_number, check_structures, check_text, check_texts
from sandbox.calendar_days import DAY_MS, milliseconds, month_of, months_before, show_moment

BACKFILL_EACH_S = 24 * 3600.0
MONTHS_BACK = 12
_STATUS = ("Active", "Inactive")
_TYPES = ("AWSGenerated", "UserDefined")
_MAX_TAGS = 20


def list_cost_allocation_tags(call: Call) -> dict[str, Any]:
    _check_payer(call, "list Cost Allocation Tags")
    wanted = {
        "Status": check_enum(call.params, "Status", _STATUS),
        "Type": check_enum(call.params, "Type", _TYPES),
    }
    keys = check_texts(call.params, "TagKeys", most=100)
    found = [
        one
        for one in _list_tags(call)
        if (not keys or one["TagKey"] in keys)
        and all(value is None or one[name] == value for name, value in wanted.items())
    ]
    page, token = cut_page(
        call,
        found,
        size=min(100, check_number(call.params, "MaxResults", least=1, most=1000) or 100),
        key=lambda one: one["TagKey"],
        token=check_text(call.params, "NextToken"),
        bad_token="InvalidNextTokenException",
        ignore=("NextToken", "MaxResults"),
    )
    call.touched.accepted = len(page)
    return {"CostAllocationTags": page, **({"NextToken": token} if token else {})}


def _list_tags(call: Call) -> list[dict[str, str]]:
    """Every tag that a desktop of the organization has or had for long enough, and every one that was set."""
    account_id, world = call.account.account_id, call.world
    set_before = {row["key"]: row for row in world.cost_tags.list_of(account_id)}
    latest = milliseconds(call.now - world.settings()["tag_key_lag_s"])
    accounts = world.bill.accounts_of(account_id)
    used = {
        row["key"]: min(row["last_at"], milliseconds(call.now))
        for row in world.meter.tag_keys()
        if row["account_id"] in accounts and row["first_at"] <= latest
    }
    shown = []
    for key in sorted(set_before.keys() | used.keys()):
        row = set_before.get(key)
        one = {
            "TagKey": key,
            "Type": "AWSGenerated" if key.startswith("aws:") else "UserDefined",
            "Status": "Active" if row is not None and row["is_active"] else "Inactive",
        }
        if row is not None:
            one["LastUpdatedDate"] = show_moment(milliseconds(row["updated_at"]))
        if key in used:
            one["LastUsedDate"] = show_moment(int(used[key]))
        shown.append(one)
    return shown


def update_cost_allocation_tags_status(call: Call) -> dict[str, Any]:
    """A key that is not known yet is an error of its item, in an answer of status 200."""
    _check_payer(call, "update Cost Allocation Tag")
    entries = check_structures(
        call.params, "CostAllocationTagsStatus", least=1, most=_MAX_TAGS, required=True
    )
    known = {one["TagKey"] for one in _list_tags(call)}
    errors = []
    for entry in entries:
        key = check_text(entry, "TagKey", required=True) or ""
        check_text(entry, "Status", required=True)
        status = check_enum(entry, "Status", _STATUS)
        if key in known:
            call.world.cost_tags.set_status(
                call.account.account_id, key, is_active=status == "Active", at=call.now
            )
            continue
        message = f"Failed to update Cost Allocation Tag: {key}"
        errors.append({"TagKey": key, "Code": "TagKeysNotFoundException", "Message": message})
    call.touched.accepted, call.touched.failed = len(entries) - len(errors), len(errors)
    return {"Errors": errors}


def start_cost_allocation_tag_backfill(call: Call) -> dict[str, Any]:
    _check_payer(call, "start Cost Allocation Tag backfill")
    account_id, tags = call.account.account_id, call.world.cost_tags
    back_from = _read_start(call)
    for one in tags.backfills(account_id):
        if not one.is_done or call.now - one.requested_at < BACKFILL_EACH_S:
            raise AwsError(
                "BackfillLimitExceededException",
                "A request to backfill is already in progress. Once the previous request is complete, you can"
                " create another request.",
            )
    due_at = call.now + call.world.settings()["backfill_s"]
    tags.add_backfill(account_id, back_from=back_from, requested_at=call.now, due_at=due_at)
    tags.settle(call.now)
    return {"BackfillRequest": _show_backfill(tags.backfills(account_id)[0])}


def _read_start(call: Call) -> int:
    """The first moment of a month, in milliseconds. Raises AwsError."""
    text = check_text(call.params, "BackfillFrom", required=True) or ""
    try:
        moment = dt.datetime.fromisoformat(text)
        at_ms = milliseconds(moment.timestamp()) if moment.tzinfo else -1
    except ValueError:
        at_ms = -1
    today = int(call.now * 1000) // DAY_MS
    day, rest = divmod(at_ms, DAY_MS)
    if rest or month_of(max(day, 0))[0] != day or not months_before(today, MONTHS_BACK) <= day <= today:
        raise refuse("BackfillFrom must be the first day of a month within the previous twelve months.")
    return at_ms


def list_cost_allocation_tag_backfill_history(call: Call) -> dict[str, Any]:
    _check_payer(call, "list Cost Allocation Tag backfill history")
    size = check_number(call.params, "MaxResults", least=1, most=1000) or 1000
    found = call.world.cost_tags.backfills(call.account.account_id)
    return {"BackfillRequests": [_show_backfill(one) for one in found[:size]]}


def _show_backfill(one: Backfill) -> dict[str, str]:
    requested, due = show_moment(milliseconds(one.requested_at)), show_moment(milliseconds(one.due_at))
    return {
        "BackfillFrom": show_moment(one.back_from),
        "RequestedAt": requested,
        "BackfillStatus": "SUCCEEDED" if one.is_done else "PROCESSING",
        "LastUpdatedAt": due if one.is_done else requested,
        **({"CompletedAt": due} if one.is_done else {}),
    }


def _check_payer(call: Call, what: str) -> None:
    if call.world.bill.terms_of(call.account.account_id).payer_id is not None:
        raise AwsError(
            "AccessDeniedException",
            f"Failed to {what}: Linked account doesn't have access to cost allocation tags.",
        )
