"""A role of the company: sessions of it, each with no more rights than Berth's policy.

The session is short, kept in the worker's memory alone, and given for one external ID, which Berth drew for
this credential (docs/evidence/aws_workspaces.md#roles-of-another-account).
"""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from webapp.clouds.aws_workspaces import sessions
from webapp.clouds.aws_workspaces.own_identity import own_keys, unproven
from webapp.clouds.aws_workspaces.refusals import DENIED
from webapp.clouds.aws_workspaces.sessions import Keys, Session, Sessions
from webapp.clouds.base import Access
from webapp.domain.errors import CloudError
from webapp.providers.aws_workspaces import PROVIDER

SESSION_S = 1800
SHORTEST_SESSION_S = 900
LONGEST_POLICY = 2048
"""Characters of a session policy that Amazon accepts."""
NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
)
"""The rights of a session that should have been refused."""
OWN_KEY_REFUSED = frozenset(
    ("InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException")
)
WRONG_EXTERNAL_ID = "berth-proves-that-another-external-id-is-refused"

Ask = Callable[..., dict[str, Any]]
"""Sends an operation of STS, signed with the given keys."""


class RoleKeys:
    """The keys of a session; a new session when the present one nears its end, or is forgotten."""

    def __init__(self, access: Access, ask: Ask) -> None:
        self._access, self._ask = access, ask
        self._role_arn = access.public_fields["role_arn"]
        self._policy = session_policy(access)
        where = access.endpoint.url if access.endpoint else ""
        identity = access.identity
        self._kept = Sessions(
            sessions.of_worker(),
            where,
            self._role_arn,
            access.secret.reveal(),
            self._policy,
            identity.source,
            identity.key_id,
        )
        self._session: Session | None = None

    def current(self) -> Keys:
        """Raises CloudError."""
        now_s = time.time()
        if self._session is None or self._session.expires_on - now_s < sessions.LEAST_LEFT_S:
            self._session = self._kept.get(now_s=now_s) or self._begin()
        return self._session.keys

    def forget(self) -> None:
        """The cloud does not accept it any more, whatever its end."""
        self._session = None
        self._kept.forget()

    def is_refused(self, external_id: str | None) -> bool:
        """Does the role refuse who sends this one (None: none at all)? Raises CloudError.

        Any denial counts, whoever's it is: the right external ID has just been let in, so only the other one
        can be the reason, and a trust policy may deny it explicitly.
        """
        try:
            self._assume(external_id, policy=NOTHING, duration_s=SHORTEST_SESSION_S)
        except CloudError as error:
            if error.failure.cloud_code in DENIED and not error.failure.trouble.is_transient:
                return True
            raise
        return False

    def _begin(self) -> Session:
        answer = self._assume(self._access.secret.reveal(), policy=self._policy, duration_s=SESSION_S)
        given = answer["Credentials"]
        end: datetime = given["Expiration"]
        keys = Keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        session = Session(keys, int(end.timestamp()))
        self._kept.put(session)
        return session

    def _assume(self, external_id: str | None, *, policy: str, duration_s: int) -> dict[str, Any]:
        known = {} if external_id is None else {"ExternalId": external_id}
        try:
            return self._ask(
                own_keys(self._access.identity),
                "AssumeRole",
                RoleArn=self._role_arn,
                RoleSessionName=f"berth-{self._access.installation}"[:64],
                DurationSeconds=duration_s,
                Policy=policy,
                **known,
            )
        except CloudError as error:
            if error.failure.cloud_code in OWN_KEY_REFUSED:
                raise unproven(error.failure.cloud_code) from None
            raise


def session_policy(access: Access) -> str:
    """Berth's policy for this place and account: a session can do no more, whatever the role can."""
    account_id = access.public_fields["role_arn"].split(":")[4]
    policy = json.loads(PROVIDER.setup_guide.policy_for(access.public_fields, account_id))
    for statement in policy["Statement"]:
        statement.pop("Sid", None)
    return json.dumps(policy, separators=(",", ":"))
