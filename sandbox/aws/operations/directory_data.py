"""Directory Service Data: the users of an AWS Managed Microsoft AD."""

from __future__ import annotations

import json
from typing import Any

from sandbox.aws.accounts import Directory
from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.operations.directory_service import SERVICE_DIRECTORY_ID, WITH_DATA_ACCESS
from sandbox.aws.people import Person
from sandbox.aws.validate import check_enum, check_number, check_structure, check_text, check_texts

TOKEN_LASTS_S = 8 * 3600.0
USER_NAME = r"[\w\-.]{1,20}"
OTHER_ATTRIBUTES = frozenset(
    {"info", "description", "displayname", "department", "company", "employeeid", "title", "mobile"}
    | {"telephonenumber", "initials", "physicaldeliveryofficename", "wwwhomepage"}
)
"""Some of those that a user may have, in lower case: their names ignore case."""
_OWN = {"GivenName": "given_name", "Surname": "surname", "EmailAddress": "email"}
_SEARCHABLE = {"samaccountname": "user_name", "mail": "email", "emailaddress": "email"} | {
    "givenname": "given_name",
    "sn": "surname",
    "surname": "surname",
}


def create_user(call: Call) -> dict[str, Any]:
    directory, name = _directory(call), _name(call)
    _check_fields(call)
    if (done := _repeated(call)) is not None:
        return {"DirectoryId": directory.directory_id, "SAMAccountName": name, "SID": done}
    if call.world.people.find(directory, name) is not None:
        raise AwsError("ConflictException", f"A user with the name {name} exists already.")
    settings = call.world.settings()
    person = call.world.people.add(
        directory,
        {
            "user_name": name,
            **{column: call.params.get(member) for member, column in _OWN.items()},
            "other": json.dumps(_other(call)),
            # Without a password the directory's own policy keeps it disabled.
            "is_enabled": 0,
            "created_at": call.now,
            "readable_at": call.now + settings["user_read_lag_s"],
            "usable_at": call.now + settings["user_lag_s"],
            "changed_at": call.now,
        },
    )
    _remember(call, person.sid)
    call.touched.accepted = 1
    return {"DirectoryId": directory.directory_id, "SAMAccountName": name, "SID": person.sid}


def describe_user(call: Call) -> dict[str, Any]:
    directory = _directory(call)
    person = _find(call, directory)
    wanted = {one.lower() for one in check_texts(call.params, "OtherAttributes", most=25)}
    return {
        "DirectoryId": directory.directory_id,
        "Realm": directory.name,
        **_show(directory, person, wanted),
    }


def disable_user(call: Call) -> dict[str, Any]:
    directory = _directory(call)
    if _repeated(call) is None:
        person = _free(call, _find(call, directory))
        call.world.people.update(person, is_enabled=0, changed_at=call.now)
        _remember(call, person.sid)
    call.touched.accepted = 1
    return {}


def update_user(call: Call) -> dict[str, Any]:
    directory = _directory(call)
    _check_fields(call)
    kind = check_enum(call.params, "UpdateType", ("ADD", "REPLACE", "REMOVE")) or "REPLACE"
    if _repeated(call) is None:
        person = _free(call, _find(call, directory))
        changes = {column: call.params[member] for member, column in _OWN.items() if member in call.params}
        other = json.loads(person.other)
        for name, value in _other(call).items():
            if kind == "ADD" and name in other:
                _refuse("ATTRIBUTE_EXISTS", f"The attribute {name} exists already.")
            other[name] = value
            if kind == "REMOVE":
                del other[name]
        if kind == "REMOVE":
            changes = dict.fromkeys(changes)
        call.world.people.update(person, **changes, other=json.dumps(other), changed_at=call.now)
        _remember(call, person.sid)
    call.touched.accepted = 1
    return {}


def search_users(call: Call) -> dict[str, Any]:
    directory = _directory(call)
    text = check_text(call.params, "SearchString", pattern=r".{1,64}", required=True) or ""
    names = [one.lower() for one in check_texts(call.params, "SearchAttributes", most=25, required=True)]
    most = check_number(call.params, "MaxResults", least=1, most=250) or 250
    begin = int(check_text(call.params, "NextToken", pattern=r"\d+") or 0)
    if "*" in text:
        _refuse("INVALID_ATTRIBUTE_VALUE", "Wildcards are not supported.")
    for name in names:
        if name not in _SEARCHABLE and name not in OTHER_ATTRIBUTES:
            _refuse("INVALID_ATTRIBUTE_FOR_SEARCH", f"The attribute {name} cannot be searched.")
    found = [one for one in _everybody(call, directory) if _fits(one, names, text)]
    page = found[begin : begin + most]
    more = {"NextToken": str(begin + most)} if len(found) > begin + most else {}
    users = [_show(directory, one, set(names)) for one in page]
    return {"DirectoryId": directory.directory_id, "Realm": directory.name, "Users": users, **more}


def _directory(call: Call) -> Directory:
    wanted = check_text(call.params, "DirectoryId", pattern=SERVICE_DIRECTORY_ID, required=True) or ""
    found = call.world.accounts.find_directory(wanted, account_id=call.account.account_id, region=call.region)
    if found is None or found.type_in_service is None:
        raise AwsError("AccessDeniedException", "You cannot access the directory.", Reason="DIRECTORY_AUTH")
    if found.type_in_service not in WITH_DATA_ACCESS:
        _refuse("INVALID_DIRECTORY_TYPE", "The operation is not supported for this type of directory.")
    if found.data_access_at(call.now) != "Enabled":
        raise AwsError(
            "AccessDeniedException", "Directory data access is not enabled.", Reason="DATA_DISABLED"
        )
    return found


def _name(call: Call) -> str:
    name = check_text(call.params, "SAMAccountName", pattern=USER_NAME, required=True) or ""
    call.touched.users.append(name)
    return name


def _find(call: Call, directory: Directory) -> Person:
    person = call.world.people.find(directory, _name(call))
    if person is None or person.readable_at > call.now:
        raise AwsError("ResourceNotFoundException", "The user could not be found.")
    return person


def _free(call: Call, person: Person) -> Person:
    """Not in the middle of another change."""
    if call.now < person.changed_at + call.world.settings()["user_busy_s"]:
        raise AwsError("ConflictException", "Another update of this user is in progress.")
    return person


def _check_fields(call: Call) -> None:
    for member, longest in (("GivenName", 64), ("Surname", 64), ("EmailAddress", 256)):
        check_text(call.params, member, pattern=rf"(?s).{{1,{longest}}}")
    check_text(call.params, "ClientToken", pattern=r"[\x00-\x7f]{1,128}")
    for name, value in check_structure(call.params, "OtherAttributes").items():
        if name.lower() not in OTHER_ATTRIBUTES:
            _refuse("INVALID_ATTRIBUTE_NAME", f"The attribute {name} is not supported.")
        if not isinstance(value, dict) or len(value) != 1 or not value.keys() <= {"S", "N", "BOOL", "SS"}:
            _refuse("INVALID_ATTRIBUTE_VALUE", f"The value of {name} is not valid.")
        if len(str(value.get("S", ""))) > 1024:
            _refuse("INVALID_ATTRIBUTE_VALUE", f"The value of {name} is too long.")


def _other(call: Call) -> dict[str, Any]:
    return {name.lower(): value for name, value in check_structure(call.params, "OtherAttributes").items()}


def _repeated(call: Call) -> str | None:
    """The SID of the same call under the same token, which is not done again."""
    token = call.params.get("ClientToken")
    known = call.world.people.recall(token, call.now) if token else None
    if known is None:
        return None
    if known[0] != _call_text(call):
        raise AwsError("ConflictException", "The client token was used with other parameters.")
    _remember(call, known[1])
    return known[1]


def _remember(call: Call, sid: str) -> None:
    if token := call.params.get("ClientToken"):
        call.world.people.remember(token, call=_call_text(call), sid=sid, now=call.now, lasts_s=TOKEN_LASTS_S)


def _call_text(call: Call) -> str:
    params = {name: value for name, value in call.params.items() if name != "ClientToken"}
    return json.dumps([call.operation, params], sort_keys=True)


def _everybody(call: Call, directory: Directory) -> list[Person]:
    rows = call.world.people.list_with_rows(directory.directory_id)
    known = {one.user_key for one in rows}
    listed = [name for name in directory.users or () if name.lower() not in known]
    found = [call.world.people.find(directory, name) for name in listed]
    return [one for one in [*rows, *found] if one is not None and one.readable_at <= call.now]


def _fits(person: Person, names: list[str], text: str) -> bool:
    other = json.loads(person.other)
    values = [
        getattr(person, _SEARCHABLE[name]) if name in _SEARCHABLE else other.get(name, {}).get("S")
        for name in names
    ]
    return text.lower() in {(value or "").lower() for value in values}


def _show(directory: Directory, person: Person, wanted: set[str]) -> dict[str, Any]:
    other = {name: value for name, value in json.loads(person.other).items() if name in wanted}
    values = {
        "SAMAccountName": person.user_name,
        "SID": person.sid,
        "Enabled": bool(person.is_enabled),
        "DistinguishedName": f"CN={person.user_name},OU=Users,DC={directory.name.replace('.', ',DC=')}",
        "UserPrincipalName": f"{person.user_name}@{directory.name}",
        "GivenName": person.given_name,
        "Surname": person.surname,
        "EmailAddress": person.email,
        "OtherAttributes": other or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _refuse(reason: str, message: str) -> None:
    raise AwsError("ValidationException", message, Reason=reason)
