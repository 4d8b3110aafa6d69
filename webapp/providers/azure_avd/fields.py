"""A credential of Azure Virtual Desktop: an application of the tenant, and the host pool it may fill.

Sources: docs/evidence/azure_avd.md#resource-names, docs/evidence/azure_avd.md#images,
docs/evidence/azure_avd.md#windows-only, docs/evidence/azure_avd.md#certificates-of-an-application.
"""

import re
from collections.abc import Mapping

from webapp.providers.azure_avd.hibernation import HIBERNATION
from webapp.providers.parts.fields import CloudFields, Field, Kind, Origin, Problem, Trap
from webapp.providers.parts.own_tags import OWN_TAGS

LOCATIONS: dict[str, str] = {
    "australiacentral": "Australia Central",
    "australiaeast": "Australia East",
    "australiasoutheast": "Australia Southeast",
    "austriaeast": "Austria East",
    "belgiumcentral": "Belgium Central",
    "brazilsouth": "Brazil South",
    "canadacentral": "Canada Central",
    "canadaeast": "Canada East",
    "centralindia": "Central India",
    "centralus": "Central US",
    "chilecentral": "Chile Central",
    "eastasia": "East Asia",
    "eastus": "East US",
    "eastus2": "East US 2",
    "francecentral": "France Central",
    "germanywestcentral": "Germany West Central",
    "indonesiacentral": "Indonesia Central",
    "israelcentral": "Israel Central",
    "italynorth": "Italy North",
    "japaneast": "Japan East",
    "japanwest": "Japan West",
    "koreacentral": "Korea Central",
    "koreasouth": "Korea South",
    "malaysiawest": "Malaysia West",
    "mexicocentral": "Mexico Central",
    "newzealandnorth": "New Zealand North",
    "northcentralus": "North Central US",
    "northeurope": "North Europe",
    "norwayeast": "Norway East",
    "polandcentral": "Poland Central",
    "qatarcentral": "Qatar Central",
    "southafricanorth": "South Africa North",
    "southcentralus": "South Central US",
    "southeastasia": "Southeast Asia",
    "southindia": "South India",
    "spaincentral": "Spain Central",
    "swedencentral": "Sweden Central",
    "switzerlandnorth": "Switzerland North",
    "uaenorth": "UAE North",
    "uksouth": "UK South",
    "ukwest": "UK West",
    "westcentralus": "West Central US",
    "westeurope": "West Europe",
    "westindia": "West India",
    "westus": "West US",
    "westus2": "West US 2",
    "westus3": "West US 3",
}
"""The regions of the public cloud; the bundles show which sizes are available there."""

_SOVEREIGN = (
    "Berth does not work with {}, which has addresses and sign-ins of its own. Choose a public location."
)
DEFAULT_IMAGE = "MicrosoftWindowsDesktop:windows-11:win11-24h2-ent:latest"

_GUID_TEXT = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
GUID = re.compile(_GUID_TEXT)
_FORM = "has the form 00000000-0000-0000-0000-000000000000."
_GROUP = r"[\w().-]{0,89}[\w()-]"
"""With letters of any script."""
_FULL_ID = re.compile(r"(?:https?://.*|/)?subscriptions/.*", re.IGNORECASE)
_NAME_ONLY = (Trap(_FULL_ID, "Enter the name, not the full ID."),)
_SUBNET = re.compile(
    rf"/subscriptions/(?P<subscription>{_GUID_TEXT})/resourceGroups/{_GROUP}/providers/Microsoft\.Network"
    r"/virtualNetworks/(?a:\w[\w.-]{0,62}\w)/subnets/(?a:\w(?:[\w.-]{0,78}\w)?)",
    re.IGNORECASE,
)


def _guid(name: str, label: str, *, missing: str, help: str, traps: tuple[Trap, ...] = ()) -> Field:
    return Field(
        name,
        label,
        missing=missing,
        help=help,
        shape=GUID,
        problem=f"The {label.lower()} {_FORM}",
        traps=traps,
        ignores_case=True,
    )


def _together(public: Mapping[str, str]) -> Problem | None:
    """A network interface can only be in a network of its own subscription."""
    subnet = _SUBNET.fullmatch(public["subnet_id"])
    if subnet is None or subnet["subscription"].lower() == public["subscription_id"]:
        return None
    return (
        "subnet_id",
        "This subnet belongs to another subscription. Desktops need a subnet in their own subscription.",
    )


_IDENTITY = (
    _guid(
        "tenant_id",
        "Tenant ID",
        missing="Enter the tenant ID.",
        help="Entra admin center → App registrations → Berth’s application: “Directory (tenant) ID”.",
    ),
    _guid(
        "client_id",
        "Client ID",
        missing="Enter the client ID of the application.",
        help="On the same page: “Application (client) ID”, not the object ID.",
    ),
    _guid(
        "subscription_id",
        "Subscription ID",
        missing="Enter the subscription ID.",
        help="Azure portal → Subscriptions. This subscription pays for the desktops.",
        traps=(Trap(_FULL_ID, "Enter only the ID of the subscription, without what stands around it."),),
    ),
)
_PLACE = (
    Field(
        "resource_group",
        "Resource group",
        missing="Enter the name of the resource group.",
        help="The group that contains the host pool; Berth creates the desktops in it.",
        shape=re.compile(_GROUP),
        longest=90,
        problem="A resource group’s name has at most 90 letters, digits, dots, hyphens, underscores and"
        " brackets, and does not end with a dot.",
        traps=_NAME_ONLY,
    ),
    Field(
        "host_pool",
        "Host pool",
        missing="Enter the name of the host pool.",
        help="Azure Virtual Desktop → Host pools. Its type must be Personal, with direct assignment.",
        shape=re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{1,62}[A-Za-z0-9_-]"),
        longest=64,
        problem="A host pool’s name has 3 to 64 letters, digits, dots, hyphens and underscores, and starts"
        " with a letter or digit.",
        traps=_NAME_ONLY,
    ),
    Field(
        "location",
        "Location",
        missing="Choose the location of the desktops.",
        help="The location of the virtual network; the host pool may be in another one.",
        kind=Kind.CHOICE,
        choices=LOCATIONS,
        ignores_case=True,
        problem="Azure’s public cloud has no such location. Use the short name, such as westeurope.",
        traps=(
            Trap(
                re.compile(r"us ?(?:gov|dod|sec|nat).*", re.IGNORECASE), _SOVEREIGN.format("Azure Government")
            ),
            Trap(re.compile(r"china.*", re.IGNORECASE), _SOVEREIGN.format("Azure in China")),
        ),
    ),
    Field(
        "subnet_id",
        "Subnet ID",
        missing="Enter the ID of the subnet.",
        help="Virtual network → Subnets → the subnet → JSON view: the full “id”, starting with"
        " /subscriptions/. Or: az network vnet subnet show … --query id",
        shape=_SUBNET,
        longest=400,
        problem="A subnet ID looks like /subscriptions/…/resourceGroups/…/providers/Microsoft.Network"
        "/virtualNetworks/…/subnets/…; copy all of it.",
    ),
)
_EXTRAS = (
    Field(
        "image",
        "System image",
        missing="Enter the image.",
        help="Publisher, offer, SKU and version, separated by colons. Leave empty for the latest Windows 11"
        " Enterprise.",
        shape=re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}(?::[A-Za-z0-9][A-Za-z0-9._-]{0,79}){3}"),
        longest=320,
        default=DEFAULT_IMAGE,
        problem="An image has four parts, such as MicrosoftWindowsDesktop:windows-11:win11-24h2-ent:latest.",
    ),
    Field(
        "people_group",
        "Group for new people",
        missing="Enter the object ID of the group.",
        help="Entra → Groups → the group: “Object ID”. Only if Berth creates users, and more than one group"
        " may use the desktops.",
        default="",
        shape=GUID,
        problem=f"The object ID of a group {_FORM}",
        ignores_case=True,
    ),
)
_SECRET_ENDS = Field(
    "secret_expires_on",
    "The secret expires on",
    missing="Enter the date.",
    help="Certificates & secrets, column “Expires”. Berth cannot read it. If you enter it here, Berth"
    " warns you before it loses access.",
    kind=Kind.DATE,
    longest=10,
    default="",
    is_note=True,
    is_about_sealed=True,
    shape=re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    problem="Enter a date as year, month and day, such as 2027-03-31.",
)

CERTIFICATE = CloudFields(
    fields=(
        *_IDENTITY,
        *_PLACE,
        *_EXTRAS,
        Field("secret_expires_on", "The certificate expires on", missing="", origin=Origin.CERTIFICATE_END),
        Field("certificate_thumbprint", "Thumbprint", missing="", origin=Origin.CERTIFICATE_THUMBPRINT),
        HIBERNATION,
        OWN_TAGS,
    ),
    sealed=Field(
        "client_certificate",
        "Certificate with private key",
        missing="Paste the certificate and its private key.",
        help="As PEM text, both in one. Upload the certificate alone, without the key, under Certificates &"
        " secrets → Certificates.",
        kind=Kind.CERTIFICATE,
        longest=20_000,
        problem="A certificate with its private key has at most 20000 characters.",
    ),
    key_id="client_id",
    scope=("resource_group", "host_pool"),
    place=("host_pool", "location"),
    account=("subscription_id",),
    ignores_case=True,
    together=_together,
    auth_kind="certificate",
    auth_label="Certificate",
    auth_help="Entra gets the certificate only; the private key is never sent. Berth reads from it when it"
    " expires.",
)

FIELDS = CloudFields(
    fields=(*_IDENTITY, *_PLACE, *_EXTRAS, _SECRET_ENDS, HIBERNATION, OWN_TAGS),
    sealed=Field(
        "client_secret",
        "Client secret",
        missing="Enter the value of a client secret.",
        help="Certificates & secrets → New client secret: copy the “Value” column. Azure shows it only once.",
        kind=Kind.SEALED,
        longest=256,
        shape=re.compile(r"[\x21-\x7e]{8,256}"),
        problem="A client secret has 8 to 256 characters, without spaces.",
        traps=(Trap(GUID, "This is the secret’s ID. Paste its value, from the column beside it."),),
    ),
    key_id="client_id",
    scope=("resource_group", "host_pool"),
    place=("host_pool", "location"),
    account=("subscription_id",),
    ignores_case=True,
    together=_together,
    auth_kind="secret",
    auth_label="Client secret",
    auth_help="A password of the application. It expires on the day that you chose in Entra.",
    others=(CERTIFICATE,),
)
