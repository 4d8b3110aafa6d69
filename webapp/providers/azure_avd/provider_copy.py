"""The page text of Azure Virtual Desktop."""

from webapp.domain.lifecycle import Action
from webapp.providers.parts.provider_copy import ProviderCopy

COPY = ProviderCopy(
    choice="Windows 11. You need a personal host pool, a network, and an application in Entra.",
    bundles="The desktop sizes that Berth supports, and which of them this subscription can use now.",
    no_bundles="Check the location, subscription and permissions of the cloud account.",
    username_label="Sign-in name in Entra",
    needed_first="{person} must be a member or guest of your Entra tenant, in the group that may use the"
    " host pool {host_pool}.",
    username_help="The “User principal name” of {person} in the Entra admin center, such as sam@example.com;"
    " a guest’s is the long one with #EXT#. At most 113 characters.",
    billing={"ON_DEMAND": "by the minute while allocated; the disk always"},
    billing_of_order="Your Azure subscription is billed by the minute while the machine is allocated, and for"
    " its disk always. Stopping deallocates the machine and keeps the disk.",
    usual_time="Azure usually needs about half an hour, sometimes an hour.",
    pool="the host pool",
    goes_with_it="The machine, network interface, disk and host pool registration are removed. The person’s"
    " account in Entra stays.",
    key_outlives="The client secret stays valid in Entra until you delete it there.",
    kept_costs="While it is kept, its disk goes on costing money; the machine does not.",
    new_for_next="Azure could assign the machine to somebody else, but the former person’s profile and files"
    " stay on its disk: so the next person gets a new machine.",
    snapshot_rights="Add Microsoft.Compute/snapshots/read, Microsoft.Compute/snapshots/write and"
    " Microsoft.Compute/snapshots/delete to the application’s role on the resource group.",
    other_backup="Azure Backup keeps this desktop, in the vault “{name}”.",
    other_backup_stays="Stop its protection there: until then the vault keeps and bills its recovery points,"
    " and neither it nor its resource group can be deleted.",
    effects={
        Action.START: "Switches the desktop on. Billing by the minute starts.",
        Action.STOP: "Signs the person out, then switches the desktop off and deallocates it; you pay only"
        " for its disk. Open programs close.",
    },
)
