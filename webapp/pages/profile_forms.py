"""The form of a profile: what a job gives, with the sizes of every cloud account to choose from."""

from typing import Self

from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import Optional

from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.costs.money import Money, is_currency, minor_digits, typed_amount
from webapp.domain.disk_snapshots import SnapshotPolicy
from webapp.domain.name_patterns import LONGEST_PATTERN
from webapp.domain.windows import typed_of
from webapp.identity import company_id, service_context, user
from webapp.models import CloudCredential, Profile
from webapp.models.profile import LONGEST_NAME
from webapp.pages.budget_forms import typed
from webapp.pages.contract_defaults import DefaultsForm, defaults_data, window_shown
from webapp.pages.fields import at_most, choice, is_id, needed
from webapp.queries import credentials
from webapp.services.inquiries import known_bundles_of
from webapp.services.prices import bundle_rates
from webapp.services.profiles import ProfileRequest

TAKEN, NOT_TAKEN = "on", "off"
SNAPSHOTS = [
    choice("", "As the cloud account says"),
    choice(TAKEN, "Taken every day, as many as below"),
    choice(NOT_TAKEN, "Not taken"),
]


class ProfileForm(DefaultsForm):
    name = StringField("Name", [needed("Enter a name for the profile."), at_most(LONGEST_NAME)])
    desktop = SelectField("Desktop", [needed("Choose a desktop size.")], validate_choice=False)
    creates_user = BooleanField("Create each person’s user in the directory")
    username_pattern = StringField("User name pattern", [at_most(LONGEST_PATTERN)])
    month_cap = StringField("A month may cost at most", [at_most(30)])
    cap_currency = StringField("Currency", [at_most(3)])
    orders_on_approval = BooleanField("An approval orders the desktop")
    snapshots = SelectField("Snapshots of the disk", validate_choice=False)
    daily = IntegerField("Daily ones", [Optional()])
    weekly = IntegerField("Weekly ones", [Optional()])
    days_after_end = IntegerField("Days after a desktop’s end", [Optional()])

    aliases = DefaultsForm.aliases | {
        "cloud_credential_id": "desktop",
        "bundle_id": "desktop",
        "workspace_type": "desktop",
        "create_user": "creates_user",
        "month_cap_minor": "month_cap",
        **{f"snapshots.{name}": name for name in ("daily", "weekly", "days_after_end")},
    }

    @classmethod
    def made_of(cls, profile: Profile | None) -> Self:
        """As the profile is, unless something else was sent."""
        defaults = ContractDefaults() if profile is None else profile.contract_defaults
        cap = None if profile is None else profile.month_cap
        shown = window_shown(defaults, zone=user().time_zone or "UTC")
        form = cls(
            obj=typed_of(shown),
            data=defaults_data(defaults),
            name=profile.name if profile else "",
            desktop=_key(profile.credential_id, profile.bundle_id) if profile else "",
            creates_user=profile.creates_user if profile else False,
            username_pattern=(profile.username_pattern or "") if profile else "",
            orders_on_approval=profile.orders_on_approval if profile else False,
            month_cap=typed(cap.amount_minor, cap.currency) if cap else "",
            cap_currency=cap.currency if cap else "USD",
            **_snapshot_data(profile.snapshots if profile else None),
        )
        form.shown = shown
        form.snapshots.choices = SNAPSHOTS
        form.offer_contract()
        form._offer(profile)
        return form

    def wanted(self) -> ProfileRequest | None:
        """None, with the message beside its field, if amount or hours are none. Raises Invalid."""
        cap, defaults = self._cap(), self.defaults()
        if defaults is None or self.month_cap.errors or self.cap_currency.errors:
            return None
        account, _, bundle_id = (self.desktop.data or "").partition(":")
        credential_id = int(account) if is_id(account) else 0
        return ProfileRequest(
            name=self.name.data or "",
            cloud_credential_id=credential_id,
            workspace_type=self._types.get(self.desktop.data or "", "ubuntu"),
            bundle_id=bundle_id,
            create_user=bool(self.creates_user.data),
            username_pattern=self.username_pattern.data or None,
            month_cap=cap,
            defaults=defaults,
            orders_on_approval=bool(self.orders_on_approval.data),
            snapshots=self._policy(),
        )

    def _policy(self) -> SnapshotPolicy | None:
        if self.snapshots.data not in (TAKEN, NOT_TAKEN):
            return None
        fields = (self.daily, self.weekly, self.days_after_end)
        numbers = {one.name: one.data for one in fields if one.data is not None}
        return SnapshotPolicy(self.snapshots.data == TAKEN, **numbers)

    def _cap(self) -> Money | None:
        text, currency = (self.month_cap.data or "").strip(), (self.cap_currency.data or "").strip().upper()
        if not text:
            return None
        if not is_currency(currency):
            self.cap_currency.errors = ["Enter a currency code of three letters, such as USD."]
            return None
        try:
            return Money(currency, typed_amount(text, currency))
        except ValueError:
            digits = minor_digits(currency)
            self.month_cap.errors = [f"Enter an amount such as 50, with at most {digits} decimals."]
            return None

    def _offer(self, profile: Profile | None) -> None:
        """The sizes of all accounts that can be ordered with, as the clouds last listed them."""
        context = service_context()
        self._types: dict[str, str] = {}
        self.unlisted: list[CloudCredential] = []
        """Accounts whose sizes nobody has loaded yet."""
        groups: dict[str, list[object]] = {"": [choice("", "Choose…")]}
        for one in credentials.list_credentials(context.session, company_id=company_id()):
            if not one.is_usable:
                continue
            known = known_bundles_of(context, credential_id=one.id)
            if known is None:
                self.unlisted.append(one)
                continue
            usable = [row for row in known if row["unavailable_reason"] is None]
            rates = bundle_rates(context, one, usable)
            for row in usable:
                key, cost = _key(one.id, row["bundle_id"]), rates[row["bundle_id"]]
                self._types[key] = row["workspace_type"]
                price = f" – about {cost.usual_month} a month" if cost else ""
                groups.setdefault(one.name, []).append(choice(key, f"{row['name']}{price}"))
        kept = None if profile is None else _key(profile.credential_id, profile.bundle_id)
        if profile is not None and kept is not None and kept not in self._types:
            self._types[kept] = profile.workspace_type
            groups[""].append(choice(kept, f"{profile.bundle_name} (as it is; not in the newest list)"))
        self.desktop.choices = groups


def _snapshot_data(policy: SnapshotPolicy | None) -> dict[str, object]:
    shown = policy or SnapshotPolicy()
    chosen = "" if policy is None else TAKEN if policy.is_on else NOT_TAKEN
    numbers = {"daily": shown.daily, "weekly": shown.weekly, "days_after_end": shown.days_after_end}
    return {"snapshots": chosen, **numbers}


def _key(credential_id: int, bundle_id: str) -> str:
    return f"{credential_id}:{bundle_id}"
