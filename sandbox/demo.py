"""The demo account's constants: obviously fake, yet in the right format. Standard library only."""

from __future__ import annotations

import hashlib

DEMO_ACCOUNT_ID = "111122223333"
DEMO_ACCESS_KEY_ID = "AKIABERTHDEMO0000001"
DEMO_SECRET_ACCESS_KEY = "not/a/real/secret+berth+demo+only+000001"
BERTH_ACCOUNT_ID = "999900001111"
"""Of the installation itself: its own key may assume roles in the accounts of companies."""
BERTH_ACCESS_KEY_ID = "AKIABERTHOWN00000001"
BERTH_SECRET_ACCESS_KEY = "not/a/real/secret+berth+own+key+00000001"
BERTH_PRINCIPAL = f"arn:aws:iam::{BERTH_ACCOUNT_ID}:user/berth"
DEMO_REGION = "eu-central-1"
DEMO_OTHER_REGION = "us-east-1"
"""A region that has public bundles, but no directory of the demo account."""
DEMO_DIRECTORY_ID = "d-99670be001"
DEMO_DIRECTORY_NAME = "corp.berth.example"
DEMO_REGISTRATION_CODE = "WSdemo+BERTH1"
DEMO_SUBNET_IDS = ("subnet-0be4700000000000a", "subnet-0be4700000000000b")
DEMO_VPC_ID = "vpc-0be47000000000001"
DEMO_QUOTA = 200
DEMO_PEOPLE = ("sam.okafor", "mina.park", "leo.brandt", "aisha.khan")
"""The users of the demo's directory: it knows nobody else, like a real one."""
DEMO_UBUNTU_BUNDLE_NAME = "Standard with Ubuntu 22.04"
DEMO_WINDOWS_BUNDLE_NAME = "Standard with Windows 10 (Server 2022 based) (WSP)"

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


def short_id(*parts: object, length: int = 9) -> str:
    """Lower-case letters and digits like the end of a cloud id; the same parts give the same id."""
    number = int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)


def hex_id(*parts: object, length: int = 17) -> str:
    """Like `short_id`, for ids of hexadecimal digits (subnets)."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:length]


def bundle_id(region: str, name: str) -> str:
    """The id of a public demo bundle. It differs between regions, as in the cloud."""
    return "wsb-" + short_id("bundle", region, name)


DEMO_UBUNTU_BUNDLE_ID = bundle_id(DEMO_REGION, DEMO_UBUNTU_BUNDLE_NAME)
DEMO_WINDOWS_BUNDLE_ID = bundle_id(DEMO_REGION, DEMO_WINDOWS_BUNDLE_NAME)
