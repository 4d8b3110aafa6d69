"""Amazon WorkSpaces."""

from webapp.domain.cloud_advice import UNSENT_CODES, CloudAdvice
from webapp.providers.aws_workspaces.billing import BILLING
from webapp.providers.aws_workspaces.codes import CODES, LAUNCH_HINTS
from webapp.providers.aws_workspaces.connecting import CONNECTION
from webapp.providers.aws_workspaces.desktops import DESKTOPS
from webapp.providers.aws_workspaces.fields import FIELDS
from webapp.providers.aws_workspaces.prices import PRICES
from webapp.providers.aws_workspaces.provider_copy import COPY
from webapp.providers.aws_workspaces.settings import SETTINGS
from webapp.providers.aws_workspaces.setup_guide import SETUP_GUIDE
from webapp.providers.aws_workspaces.usernames import USERNAMES
from webapp.providers.aws_workspaces.usual import CAPACITY, USUAL
from webapp.providers.aws_workspaces.words import WORDS
from webapp.providers.base import Provider

PROVIDER = Provider(
    key="aws",
    label="Amazon WorkSpaces",
    fields=FIELDS,
    desktops=DESKTOPS,
    usernames=USERNAMES,
    advice=CloudAdvice(words=WORDS, codes={**CODES, **UNSENT_CODES}, launch_hints=LAUNCH_HINTS, usual=USUAL),
    setup_guide=SETUP_GUIDE,
    copy=COPY,
    settings=SETTINGS,
    sdk_loggers=("botocore", "boto3", "s3transfer"),
    connection=CONNECTION,
    billing=BILLING,
    capacity=CAPACITY,
    prices=PRICES,
)
