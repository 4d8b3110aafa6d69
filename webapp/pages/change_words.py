"""What the trail has of a change, in words."""

import json
from collections.abc import Iterable
from typing import Any


def changes_in_words(changes: Iterable[dict[str, Any]]) -> list[str]:
    """“users 3: role manager → owner”."""
    return [_change_in_words(one) for one in changes]


def _change_in_words(change: dict[str, Any]) -> str:
    if "more" in change:
        return f"and {change['more']} more"
    name = f"{change['table'].replace('_', ' ')} {change.get('id') or ''}".strip()
    if change.get("deleted"):
        return f"{name}: deleted"
    before, after = change.get("before") or {}, change.get("after") or {}
    parts = [
        f"{key.replace('_', ' ')} {_brief(before[key])} → {_brief(after.get(key))}"
        if key in before
        else f"{key.replace('_', ' ')} {_brief(after[key])}"
        for key in dict.fromkeys([*before, *after])
    ]
    return f"{name}: {', '.join(parts)}"


def _brief(value: Any) -> str:
    if value is None or value == "":
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"
