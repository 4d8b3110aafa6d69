"""The tables. Importing this package registers all of them with the metadata."""

from webapp.models.account_link import AccountLink, LinkPurpose
from webapp.models.api_token import ApiToken
from webapp.models.application import Application
from webapp.models.base import Base
from webapp.models.budget import Budget
from webapp.models.calendar_feed import CalendarFeed
from webapp.models.cloud_credential import CloudCredential, CredentialStatus
from webapp.models.cohort import Cohort, CohortRow
from webapp.models.company import Company, SetUpLink
from webapp.models.company_tally import CompanyTally
from webapp.models.cost_day import BilledTotal, BillReading, CostDay
from webapp.models.cost_sum import CostEstimate, CostMonth, CostSum, DesktopMonth, UnpricedDay
from webapp.models.desktop_connection import DesktopConnection, UseDay
from webapp.models.desktop_load import DesktopLoad
from webapp.models.directory_user import DirectoryUser, DirectoryUserState
from webapp.models.disk_restore import DiskRestore
from webapp.models.disk_snapshot import DiskSnapshot, SnapshotSetting
from webapp.models.duty import Duty
from webapp.models.email_change import EmailChange
from webapp.models.end_record import EndRecord
from webapp.models.event import Event
from webapp.models.file_return import FileReturn
from webapp.models.help_request import HelpRequest
from webapp.models.idempotency_key import IdempotencyKey
from webapp.models.inquiry import Inquiry, InquiryKind
from webapp.models.installation import Installation
from webapp.models.invitation import Invitation, InvitationKind, InvitationState
from webapp.models.job_posting import JobPosting
from webapp.models.list_price import ListPrice
from webapp.models.live_sum import LiveSum
from webapp.models.mail import Mail, MailState
from webapp.models.orphan import Orphan
from webapp.models.passkey import Passkey, SpentChallenge
from webapp.models.profile import Profile
from webapp.models.schedule import Schedule
from webapp.models.second_factor import AuthenticatorApp, RecoveryCode
from webapp.models.single_sign_on import CompanyDomain, Identity, IdentityProvider, UsedSignOn
from webapp.models.system_image import SystemImage
from webapp.models.trail import TrailEntry, TrailLink
from webapp.models.usage_span import UsageSpan
from webapp.models.user import SignInFailure, User, UserPosting, UserSession
from webapp.models.warm_pool import PoolDesktop, WarmPool
from webapp.models.webhook import DeliveryStatus, WebhookDelivery, WebhookEndpoint
from webapp.models.workspace import Workspace

__all__ = [
    "EmailChange",
    "AuthenticatorApp",
    "RecoveryCode",
    "Invitation",
    "InvitationKind",
    "InvitationState",
    "AccountLink",
    "LinkPurpose",
    "ApiToken",
    "Application",
    "Base",
    "BillReading",
    "BilledTotal",
    "Budget",
    "CalendarFeed",
    "CloudCredential",
    "Cohort",
    "CohortRow",
    "Company",
    "CompanyDomain",
    "CompanyTally",
    "CostDay",
    "CostEstimate",
    "CostMonth",
    "CostSum",
    "CredentialStatus",
    "DeliveryStatus",
    "DesktopConnection",
    "DesktopLoad",
    "DesktopMonth",
    "DirectoryUser",
    "DirectoryUserState",
    "DiskRestore",
    "DiskSnapshot",
    "Duty",
    "EndRecord",
    "Event",
    "FileReturn",
    "HelpRequest",
    "IdempotencyKey",
    "Identity",
    "IdentityProvider",
    "Inquiry",
    "InquiryKind",
    "Installation",
    "JobPosting",
    "ListPrice",
    "LiveSum",
    "Mail",
    "MailState",
    "Orphan",
    "Passkey",
    "Profile",
    "PoolDesktop",
    "Schedule",
    "SetUpLink",
    "SignInFailure",
    "SnapshotSetting",
    "SystemImage",
    "TrailEntry",
    "TrailLink",
    "SpentChallenge",
    "UnpricedDay",
    "UsageSpan",
    "UseDay",
    "UsedSignOn",
    "User",
    "UserPosting",
    "UserSession",
    "WarmPool",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Workspace",
]
