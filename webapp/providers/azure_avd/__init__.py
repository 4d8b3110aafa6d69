"""Azure Virtual Desktop."""

from webapp.domain.cloud_advice import UNSENT_CODES, CloudAdvice
from webapp.providers.azure_avd.billing import BILLING
from webapp.providers.azure_avd.codes import CODES
from webapp.providers.azure_avd.connecting import CONNECTION
from webapp.providers.azure_avd.desktops import DESKTOPS
from webapp.providers.azure_avd.fields import FIELDS
from webapp.providers.azure_avd.provider_copy import COPY
from webapp.providers.azure_avd.settings import SETTINGS
from webapp.providers.azure_avd.setup_guide import SETUP_GUIDE
from webapp.providers.azure_avd.usernames import USERNAMES
from webapp.providers.azure_avd.usual import CAPACITY, USUAL
from webapp.providers.azure_avd.words import WORDS
from webapp.providers.base import Provider

PROVIDER = Provider(
    key="azure",
    label="Azure Virtual Desktop",
    fields=FIELDS,
    desktops=DESKTOPS,
    usernames=USERNAMES,
    advice=CloudAdvice(words=WORDS, codes={**CODES, **UNSENT_CODES}, launch_hints=(), usual=USUAL),
    setup_guide=SETUP_GUIDE,
    copy=COPY,
    settings=SETTINGS,
    sdk_loggers=("azure", "msal"),
    connection=CONNECTION,
    billing=BILLING,
    capacity=CAPACITY,
    prices=(),  # they differ by region, and reading them needs no right
)
