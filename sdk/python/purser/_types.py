# Made by purser-describe python-types: not to be edited.
"""What operations give, what stands inside of their inputs, and the data of events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, Mapping, Optional, Sequence, TypedDict, Union

from . import _codec as codec
from ._codec import Instant, Number

__all__ = [
    "EVENTS",
    "AddressInput",
    "MilestoneInput",
    "IntegrationInput",
    "NewOrderLineInput",
    "UsageEventInput",
    "Address",
    "Organization",
    "OrganizationCurrent",
    "ClosedOrganization",
    "Member",
    "RemovedMember",
    "OrganizationTiny",
    "Invitation",
    "RevokedInvitation",
    "SpendingLimits",
    "AlertEmails",
    "OrgRecord",
    "BalanceSnapshot",
    "CostFees",
    "UsageLine",
    "CostSnapshot",
    "StatementBalances",
    "Thing",
    "StatementFlag",
    "StatementActivity",
    "StatementDay",
    "StatementBurnDown",
    "StatementAccount",
    "StatementReconciliation",
    "MonthStatement",
    "Milestone",
    "TakeOrPay",
    "NextMilestone",
    "CommitmentLineItem",
    "Commitment",
    "IntegrationShown",
    "Integrations",
    "IntegrationAnswer",
    "StatusPlan",
    "StatusPeriod",
    "StatusUsage",
    "StatusLimits",
    "BillingStatus",
    "Lot",
    "Balance",
    "Transaction",
    "Topup",
    "OrderLine",
    "Order",
    "Estimate",
    "CancelledOrder",
    "TopupRefund",
    "Invoice",
    "InvoiceParty",
    "InvoiceLine",
    "InvoiceTaxSum",
    "CreditNote",
    "InvoiceDetails",
    "InvoicePayment",
    "ChargedInvoice",
    "SetupSecret",
    "PaymentMethod",
    "Detached",
    "Approval",
    "AutoTopup",
    "ProviderInvoice",
    "Invoices",
    "Receipt",
    "PlanPrice",
    "Plan",
    "SubscriptionPeriod",
    "SubscriptionWaiting",
    "SubscriptionNext",
    "Subscription",
    "CardCharge",
    "FeeLine",
    "TurnPreview",
    "RunStep",
    "RunTotals",
    "MonthlyRun",
    "RunLine",
    "PreviewedRun",
    "PreviewedInvoice",
    "ListedRun",
    "RunProgress",
    "UsageRejection",
    "UsageRecorded",
    "Authorization",
    "EndedHold",
    "UsageCycleShown",
    "UsagePart",
    "UsageOfMetric",
    "UsageCurrent",
    "UsagePast",
    "UsageMetric",
    "NewApiKey",
    "ApiKey",
    "Revoked",
    "CreatedUser",
    "Whoami",
    "SessionTokens",
    "Session",
    "RevokedSessions",
    "Switched",
    "ChangedPassword",
    "Nothing",
    "OauthToken",
    "NewEventSubscription",
    "EventSubscription",
    "SubscriptionDeleted",
    "RotatedSecret",
    "DeliveryAttempt",
    "EventDelivery",
    "SubscriptionTested",
    "Event",
    "Notification",
    "UnreadCount",
    "Marked",
    "Dismissed",
    "Deed",
    "AdminUser",
    "Identity",
    "Unlinked",
    "Identities",
    "Grant",
    "Adjustment",
    "CreditNoteDetails",
    "Accrual",
    "PendingOrganization",
    "FreeTier",
    "GrantedAll",
    "Verified",
    "LedgerFault",
    "AllVerified",
    "ReconciledDay",
    "Difference",
    "Reconciliation",
    "UpdatedEvent",
    "RemovedEvent",
    "InvitedEvent",
    "JoinedEvent",
    "LimitEvent",
    "KeyEvent",
    "WebhookTest",
    "InvoiceEvent",
    "FreeTierCredits",
    "Paused",
    "OrganizationClosed",
    "OrganizationReopened",
    "DueEvent",
    "BehindEvent",
    "Changed",
    "RunningLow",
    "UsageThreshold",
    "UsageReset",
    "OrderEvent",
    "TopupEvent",
    "PaymentFailed",
    "OverdueEvent",
    "NoteEvent",
    "RefundEvent",
    "DisputeEvent",
    "AutoTopupNotice",
    "WebhookPaused",
]


_AddressInput = TypedDict(
    "_AddressInput",
    {
    },
)


_AddressInputMore = TypedDict(
    "_AddressInputMore",
    {
        # Street and number, or the like.
        "line1": "Optional[str]",
        # What does not fit the first line.
        "line2": "Optional[str]",
        # City, suburb or town.
        "city": "Optional[str]",
        # State, province or county.
        "state": "Optional[str]",
        # Postal code.
        "postal_code": "Optional[str]",
        # Country, ISO 3166-1 alpha-2.
        "country": "Optional[str]",
    },
    total=False,
)


class AddressInput(_AddressInput, _AddressInputMore):
    """Part of an input."""


_MilestoneInput = TypedDict(
    "_MilestoneInput",
    {
        # The last day that counts towards it, in the organization's zone.
        "on": "str",
        # What is to be used until then, from the term's beginning on.
        "amount": "Number",
    },
)


_MilestoneInputMore = TypedDict(
    "_MilestoneInputMore",
    {
    },
    total=False,
)


class MilestoneInput(_MilestoneInput, _MilestoneInputMore):
    """Part of an input."""


_IntegrationInput = TypedDict(
    "_IntegrationInput",
    {
        # The name to sign in with (basic auth).
        "id": "str",
        # The password to it.
        "token": "str",
        # Where to push to: an https address that the internet reaches.
        "endpoint": "str",
    },
)


_IntegrationInputMore = TypedDict(
    "_IntegrationInputMore",
    {
    },
    total=False,
)


class IntegrationInput(_IntegrationInput, _IntegrationInputMore):
    """Part of an input."""


_NewOrderLineInput = TypedDict(
    "_NewOrderLineInput",
    {
        # What is ordered, by the caller's own name for it.
        "sku": "str",
        # What it is, for those who read an invoice.
        "description": "str",
        # How much of it.
        "quantity": "Number",
        # Credits for one.
        "unit_credits": "int",
    },
)


_NewOrderLineInputMore = TypedDict(
    "_NewOrderLineInputMore",
    {
        # The service that it belongs to.
        "service": "Optional[str]",
        # Who provides it.
        "operator": "Optional[str]",
        # Whether it may count towards a commitment.
        "commitment_eligible": "Optional[bool]",
    },
    total=False,
)


class NewOrderLineInput(_NewOrderLineInput, _NewOrderLineInputMore):
    """Part of an input."""


_UsageEventInput = TypedDict(
    "_UsageEventInput",
    {
        # The sender's own id of the event: with the organization and the metric it is counted once.
        "id": "str",
        # What was used.
        "metric": "str",
        # How much, in the metric's unit.
        "quantity": "Number",
    },
)


_UsageEventInputMore = TypedDict(
    "_UsageEventInputMore",
    {
        # What was used, to tell it apart by.
        "service": "Optional[str]",
        # Who provides it.
        "operator": "Optional[str]",
        # What it cost the sender, in the organization's currency.
        "cost": "Optional[Number]",
        # What it saved.
        "saving": "Optional[Number]",
        # When; now where it is left out. At most 45 days ago.
        "occurred_at": "Optional[Instant]",
        # More about it. `app` and the property of a `unique` metric are counted; nothing of it is kept.
        "properties": "Optional[Mapping[str, Any]]",
    },
    total=False,
)


class UsageEventInput(_UsageEventInput, _UsageEventInputMore):
    """Part of an input."""


@dataclass(frozen=True)
class Address(codec.Record):
    """Part of a reply."""

    __slots__ = ("line1", "line2", "city", "state", "postal_code", "country")

    line1: Optional[str]
    """Street and number, or the like."""

    line2: Optional[str]
    """What does not fit the first line."""

    city: Optional[str]
    """City, suburb or town."""

    state: Optional[str]
    """State, province or county."""

    postal_code: Optional[str]
    """Postal code."""

    country: Optional[str]
    """Country, ISO 3166-1 alpha-2."""

    _members: ClassVar[codec.Members] = {
        "line1": ("line1", codec.read_text),
        "line2": ("line2", codec.read_text),
        "city": ("city", codec.read_text),
        "state": ("state", codec.read_text),
        "postal_code": ("postal_code", codec.read_text),
        "country": ("country", codec.read_text),
    }


@dataclass(frozen=True)
class Organization(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "name", "slug", "display_name", "description", "website", "industry", "size", "country", "abn", "tax_number", "billing_email", "billing_admin_id", "billing_address", "enterprise_billing", "enterprise_requested_at", "currency", "timezone", "is_personal", "logo_url", "approval_threshold_credits", "require_second_person", "credits_low_threshold", "rate_limit", "status", "created_at", "updated_at")

    id: str
    """The organization's id."""

    name: str
    """Its name."""

    slug: str
    """Its name as part of an address; unique, made from the name."""

    display_name: Optional[str]
    """What to show instead of the name."""

    description: Optional[str]
    """What it does."""

    website: Optional[str]
    """Its website."""

    industry: Optional[str]
    """Its industry."""

    size: Optional[str]
    """How large it is, in its own words."""

    country: Optional[str]
    """Its country, ISO 3166-1 alpha-2."""

    abn: Optional[str]
    """Its Australian Business Number."""

    tax_number: Optional[str]
    """Its tax number elsewhere."""

    billing_email: Optional[str]
    """Where invoices and alerts go."""

    billing_admin_id: Optional[str]
    """The person who answers for billing."""

    billing_address: Optional[Address]
    """The address on invoices."""

    enterprise_billing: bool
    """Whether it pays afterwards, by invoice."""

    enterprise_requested_at: Optional[datetime]
    """When it asked for enterprise billing."""

    currency: Union[Literal['AUD', 'SGD', 'GBP', 'NZD', 'USD'], str]
    """The currency it pays in."""

    timezone: str
    """Its IANA time zone: months and days begin there."""

    is_personal: bool
    """Whether it stands for one person."""

    logo_url: Optional[str]
    """Its logo."""

    approval_threshold_credits: Optional[int]
    """Purchases above it need an approval; the platform's threshold when null."""

    require_second_person: bool
    """Whether nobody may approve their own request."""

    credits_low_threshold: Optional[int]
    """Below it a low balance is announced; never when null."""

    rate_limit: Optional[int]
    """Requests a minute; the platform's when null."""

    status: Union[Literal['active', 'closed'], str]
    """Whether it is in use."""

    created_at: datetime
    """When it was created."""

    updated_at: datetime
    """When it was last changed."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "name": ("name", codec.read_text),
        "slug": ("slug", codec.read_text),
        "display_name": ("display_name", codec.read_text),
        "description": ("description", codec.read_text),
        "website": ("website", codec.read_text),
        "industry": ("industry", codec.read_text),
        "size": ("size", codec.read_text),
        "country": ("country", codec.read_text),
        "abn": ("abn", codec.read_text),
        "tax_number": ("tax_number", codec.read_text),
        "billing_email": ("billing_email", codec.read_text),
        "billing_admin_id": ("billing_admin_id", codec.read_text),
        "billing_address": ("billing_address", codec.read_one(Address)),
        "enterprise_billing": ("enterprise_billing", codec.read_boolean),
        "enterprise_requested_at": ("enterprise_requested_at", codec.read_instant),
        "currency": ("currency", codec.read_text),
        "timezone": ("timezone", codec.read_text),
        "is_personal": ("is_personal", codec.read_boolean),
        "logo_url": ("logo_url", codec.read_text),
        "approval_threshold_credits": ("approval_threshold_credits", codec.read_integer),
        "require_second_person": ("require_second_person", codec.read_boolean),
        "credits_low_threshold": ("credits_low_threshold", codec.read_integer),
        "rate_limit": ("rate_limit", codec.read_integer),
        "status": ("status", codec.read_text),
        "created_at": ("created_at", codec.read_instant),
        "updated_at": ("updated_at", codec.read_instant),
    }


@dataclass(frozen=True)
class OrganizationCurrent(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "name", "created_at", "updated_at")

    id: str
    """The organization's id."""

    name: str
    """Its name."""

    created_at: datetime
    """When it was created."""

    updated_at: datetime
    """When it was last changed."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "name": ("name", codec.read_text),
        "created_at": ("created_at", codec.read_instant),
        "updated_at": ("updated_at", codec.read_instant),
    }


@dataclass(frozen=True)
class ClosedOrganization(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "deletes_at", "balance", "open_invoices")

    id: str
    """The organization."""

    deletes_at: datetime
    """From then on people and secrets are erased; the ledger is kept."""

    balance: int
    """Credits that it leaves behind, reserved ones included."""

    open_invoices: int
    """Invoices that are not paid yet."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "deletes_at": ("deletes_at", codec.read_instant),
        "balance": ("balance", codec.read_integer),
        "open_invoices": ("open_invoices", codec.read_integer),
    }


@dataclass(frozen=True)
class Member(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "name", "email", "role", "is_active", "created_at")

    id: str
    """The person's id."""

    name: str
    """The person's name."""

    email: str
    """The person's e-mail address."""

    role: Union[Literal['owner', 'admin', 'billing', 'member', 'viewer'], str]
    """What the person may do here."""

    is_active: bool
    """Whether the person may act for the organization at present."""

    created_at: datetime
    """When the person joined."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "name": ("name", codec.read_text),
        "email": ("email", codec.read_text),
        "role": ("role", codec.read_text),
        "is_active": ("is_active", codec.read_boolean),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class RemovedMember(codec.Record):
    """Part of a reply."""

    __slots__ = ("ok", "id")

    ok: bool
    """The person is a member no longer."""

    id: str
    """The person's id."""

    _members: ClassVar[codec.Members] = {
        "ok": ("ok", codec.read_boolean),
        "id": ("id", codec.read_text),
    }


@dataclass(frozen=True)
class OrganizationTiny(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "name")

    id: str
    """The organization's id."""

    name: str
    """Its name."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "name": ("name", codec.read_text),
    }


@dataclass(frozen=True)
class Invitation(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "organization", "email", "role", "status", "expires_at", "created_at", "invited_by", "token")

    id: str
    """The invitation's id; not a secret."""

    organization: OrganizationTiny
    """Where it invites to."""

    email: str
    """Whom it invites."""

    role: Union[Literal['owner', 'admin', 'billing', 'member', 'viewer'], str]
    """As what."""

    status: Union[Literal['pending', 'accepted', 'declined', 'revoked', 'expired'], str]
    """What became of it."""

    expires_at: datetime
    """Until when it can be accepted."""

    created_at: datetime
    """When it was first sent."""

    invited_by: Optional[str]
    """The person who sent it; null where it was a key or the operator."""

    token: Optional[str]
    """The secret to accept it with. It is shown only to who sends it and asks for it, and else null."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "organization": ("organization", codec.read_one(OrganizationTiny)),
        "email": ("email", codec.read_text),
        "role": ("role", codec.read_text),
        "status": ("status", codec.read_text),
        "expires_at": ("expires_at", codec.read_instant),
        "created_at": ("created_at", codec.read_instant),
        "invited_by": ("invited_by", codec.read_text),
        "token": ("token", codec.read_text),
    }


@dataclass(frozen=True)
class RevokedInvitation(codec.Record):
    """Part of a reply."""

    __slots__ = ("ok", "id")

    ok: bool
    """Nobody can accept it any longer."""

    id: str
    """The invitation."""

    _members: ClassVar[codec.Members] = {
        "ok": ("ok", codec.read_boolean),
        "id": ("id", codec.read_text),
    }


@dataclass(frozen=True)
class SpendingLimits(codec.Record):
    """Part of a reply."""

    __slots__ = ("soft", "hard", "currency", "soft_credits", "hard_credits", "spent", "balance", "available", "reserved", "debt")

    soft: Decimal
    """From what spend of a cycle on it is announced; 0: never."""

    hard: Decimal
    """The most that a cycle may spend; 0: there is no limit."""

    currency: str
    """The organization's currency."""

    soft_credits: Optional[int]
    """The former in credits, rounded down, or null."""

    hard_credits: Optional[int]
    """The latter in credits, rounded down, or null."""

    spent: int
    """Credits of the present cycle, charged and held."""

    balance: int
    """All credits: available and reserved."""

    available: int
    """Credits that can be spent now."""

    reserved: int
    """Credits held by orders."""

    debt: int
    """Credits owed; new credits pay them first."""

    _members: ClassVar[codec.Members] = {
        "soft": ("soft", codec.read_decimal),
        "hard": ("hard", codec.read_decimal),
        "currency": ("currency", codec.read_text),
        "soft_credits": ("soft_credits", codec.read_integer),
        "hard_credits": ("hard_credits", codec.read_integer),
        "spent": ("spent", codec.read_integer),
        "balance": ("balance", codec.read_integer),
        "available": ("available", codec.read_integer),
        "reserved": ("reserved", codec.read_integer),
        "debt": ("debt", codec.read_integer),
    }


@dataclass(frozen=True)
class AlertEmails(codec.Record):
    """Part of a reply."""

    __slots__ = ("soft_limit", "hard_limit", "payment_failed", "usage_reset", "usage_50", "usage_80", "usage_90", "usage_100")

    soft_limit: Optional[datetime]
    """The spend reached the soft limit."""

    hard_limit: Optional[datetime]
    """Something was refused for the hard limit."""

    payment_failed: Optional[datetime]
    """A payment failed."""

    usage_reset: Optional[datetime]
    """The cycle began, and quotas count from nothing again."""

    usage_50: Optional[datetime]
    """Half of a quota was used."""

    usage_80: Optional[datetime]
    """Of a quota 80 % were used."""

    usage_90: Optional[datetime]
    """Of a quota 90 % were used."""

    usage_100: Optional[datetime]
    """All of a quota was used."""

    _members: ClassVar[codec.Members] = {
        "soft_limit": ("soft_limit", codec.read_instant),
        "hard_limit": ("hard_limit", codec.read_instant),
        "payment_failed": ("payment_failed", codec.read_instant),
        "usage_reset": ("usage_reset", codec.read_instant),
        "usage_50": ("usage_50", codec.read_instant),
        "usage_80": ("usage_80", codec.read_instant),
        "usage_90": ("usage_90", codec.read_instant),
        "usage_100": ("usage_100", codec.read_instant),
    }


@dataclass(frozen=True)
class OrgRecord(codec.Record):
    """Part of a reply."""

    __slots__ = ("org_stripe_id", "last_invoice_date", "org_name", "org_creator", "id", "prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_cost", "completion_tokens_cost", "total_tokens_cost", "prompt_tokens_cost_savings", "completion_tokens_cost_savings", "total_tokens_cost_savings", "num_requests", "num_apps", "spaces_subscription_tier", "spaces_subscription_seats", "spaces_subscription_status", "spaces_subscription_cancel_at", "subscription_pause_reason", "subscription_cycle", "subscription_tier", "subscription_price_id", "trial_end", "currency", "billing_email", "free_balance", "spending_limit_soft", "spending_limit_hard", "alert_emails", "is_active", "is_personal", "org_display_name", "address_1", "address_2", "address_city", "address_zip", "address_state", "address_country", "added_on", "modified_on", "hubspot_id", "prom_id", "prom_token", "prom_endpoint", "loki_id", "loki_token", "loki_endpoint", "rate_limit")

    org_stripe_id: str
    """The customer at the card processor Stripe; empty where there is none."""

    last_invoice_date: int
    """When the last invoice was issued, in Unix seconds; 0 before the first."""

    org_name: str
    """Its name."""

    org_creator: str
    """The id of its first owner; empty where nobody owns it."""

    id: str
    """The organization's id."""

    prompt_tokens: int
    """Whole tokens of prompts in the present cycle."""

    completion_tokens: int
    """Whole tokens of completions in the present cycle."""

    total_tokens: int
    """The sum of both."""

    prompt_tokens_cost: Decimal
    """What those who record usage say that the prompts cost."""

    completion_tokens_cost: Decimal
    """What they say that the completions cost."""

    total_tokens_cost: Decimal
    """The sum of both."""

    prompt_tokens_cost_savings: Decimal
    """What they say was saved on prompts."""

    completion_tokens_cost_savings: Decimal
    """What they say was saved on completions."""

    total_tokens_cost_savings: Decimal
    """The sum of both."""

    num_requests: int
    """Whole requests of the present cycle."""

    num_apps: int
    """Different values of the property `app` in the present cycle."""

    spaces_subscription_tier: Optional[Union[Literal['INTERNAL', 'FREE', 'PRO', 'TEAM', 'ENTERPRISE'], str]]
    """Its plan of `spaces`; null without."""

    spaces_subscription_seats: Optional[int]
    """The seats of that plan; null without."""

    spaces_subscription_status: Optional[Union[Literal['active', 'unpaid'], str]]
    """Whether that plan is paid for; null without."""

    spaces_subscription_cancel_at: Optional[int]
    """When that plan ends, in Unix seconds; null: it goes on."""

    subscription_pause_reason: Optional[Mapping[str, Any]]
    """Why the plan of `platform` is paused: {invoices: [{invoice_id, invoice_number, amount, timestamp, pause_reason, invoice_name, payment_link, severity}]}; null while it is not."""

    subscription_cycle: Optional[Union[Literal['monthly', 'yearly'], str]]
    """How the plan of `platform` is paid; null without."""

    subscription_tier: Optional[Union[Literal['_NONE_', '_TRIAL_', '_INTERNAL_', 'STARTUP', 'GROWTH', 'SCALE', 'ENTERPRISE'], str]]
    """Its plan of `platform`: `_NONE_` without and on FREE, `_TRIAL_` during a trial."""

    subscription_price_id: Optional[str]
    """The price of that plan; null without."""

    trial_end: Optional[int]
    """When the trial ends, in Unix seconds; null outside of one."""

    currency: Union[Literal['aud', 'sgd', 'gbp', 'nzd', 'usd'], str]
    """The currency it pays in, in lower case."""

    billing_email: Optional[str]
    """Where invoices and alerts go."""

    free_balance: Optional[Decimal]
    """What is left of promotional and free-tier credits, at the credits' price."""

    spending_limit_soft: Optional[Decimal]
    """From what spend of a cycle on it is announced; 0: never."""

    spending_limit_hard: Optional[Decimal]
    """The most that a cycle may spend; 0: there is no limit."""

    alert_emails: Optional[AlertEmails]
    """When a mail of each kind last went out in the present cycle; null: none did."""

    is_active: bool
    """Whether it is in use; false once it was closed."""

    is_personal: bool
    """Whether it stands for one person."""

    org_display_name: Optional[str]
    """What to show instead of the name."""

    address_1: Optional[str]
    """Street and number, or the like."""

    address_2: Optional[str]
    """What does not fit the first line."""

    address_city: Optional[str]
    """City, suburb or town."""

    address_zip: Optional[str]
    """Postal code."""

    address_state: Optional[str]
    """State, province or county."""

    address_country: Optional[str]
    """Country, ISO 3166-1 alpha-2."""

    added_on: Optional[datetime]
    """When it was created."""

    modified_on: Optional[datetime]
    """When it was last changed."""

    hubspot_id: Optional[str]
    """The company at HubSpot."""

    prom_id: Optional[str]
    """Whom its figures are pushed to Prometheus as; null: they are not."""

    prom_token: Optional[str]
    """The token for that, masked but for its end."""

    prom_endpoint: Optional[str]
    """Where the figures go."""

    loki_id: Optional[str]
    """Whom its audit events are pushed to Loki as; null: they are not."""

    loki_token: Optional[str]
    """The token for that, masked but for its end."""

    loki_endpoint: Optional[str]
    """Where the audit events go."""

    rate_limit: int
    """How many requests a minute it may make."""

    _members: ClassVar[codec.Members] = {
        "org_stripe_id": ("org_stripe_id", codec.read_text),
        "last_invoice_date": ("last_invoice_date", codec.read_integer),
        "org_name": ("org_name", codec.read_text),
        "org_creator": ("org_creator", codec.read_text),
        "id": ("id", codec.read_text),
        "prompt_tokens": ("prompt_tokens", codec.read_integer),
        "completion_tokens": ("completion_tokens", codec.read_integer),
        "total_tokens": ("total_tokens", codec.read_integer),
        "prompt_tokens_cost": ("prompt_tokens_cost", codec.read_decimal),
        "completion_tokens_cost": ("completion_tokens_cost", codec.read_decimal),
        "total_tokens_cost": ("total_tokens_cost", codec.read_decimal),
        "prompt_tokens_cost_savings": ("prompt_tokens_cost_savings", codec.read_decimal),
        "completion_tokens_cost_savings": ("completion_tokens_cost_savings", codec.read_decimal),
        "total_tokens_cost_savings": ("total_tokens_cost_savings", codec.read_decimal),
        "num_requests": ("num_requests", codec.read_integer),
        "num_apps": ("num_apps", codec.read_integer),
        "spaces_subscription_tier": ("spaces_subscription_tier", codec.read_text),
        "spaces_subscription_seats": ("spaces_subscription_seats", codec.read_integer),
        "spaces_subscription_status": ("spaces_subscription_status", codec.read_text),
        "spaces_subscription_cancel_at": ("spaces_subscription_cancel_at", codec.read_integer),
        "subscription_pause_reason": ("subscription_pause_reason", codec.read_document),
        "subscription_cycle": ("subscription_cycle", codec.read_text),
        "subscription_tier": ("subscription_tier", codec.read_text),
        "subscription_price_id": ("subscription_price_id", codec.read_text),
        "trial_end": ("trial_end", codec.read_integer),
        "currency": ("currency", codec.read_text),
        "billing_email": ("billing_email", codec.read_text),
        "free_balance": ("free_balance", codec.read_decimal),
        "spending_limit_soft": ("spending_limit_soft", codec.read_decimal),
        "spending_limit_hard": ("spending_limit_hard", codec.read_decimal),
        "alert_emails": ("alert_emails", codec.read_one(AlertEmails)),
        "is_active": ("is_active", codec.read_boolean),
        "is_personal": ("is_personal", codec.read_boolean),
        "org_display_name": ("org_display_name", codec.read_text),
        "address_1": ("address_1", codec.read_text),
        "address_2": ("address_2", codec.read_text),
        "address_city": ("address_city", codec.read_text),
        "address_zip": ("address_zip", codec.read_text),
        "address_state": ("address_state", codec.read_text),
        "address_country": ("address_country", codec.read_text),
        "added_on": ("added_on", codec.read_instant),
        "modified_on": ("modified_on", codec.read_instant),
        "hubspot_id": ("hubspot_id", codec.read_text),
        "prom_id": ("prom_id", codec.read_text),
        "prom_token": ("prom_token", codec.read_text),
        "prom_endpoint": ("prom_endpoint", codec.read_text),
        "loki_id": ("loki_id", codec.read_text),
        "loki_token": ("loki_token", codec.read_text),
        "loki_endpoint": ("loki_endpoint", codec.read_text),
        "rate_limit": ("rate_limit", codec.read_integer),
    }


@dataclass(frozen=True)
class BalanceSnapshot(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "amount", "currency", "source", "collected_at")

    organization_id: str
    """Whose balance it is."""

    amount: str
    """The balance, with every digit that the source gave."""

    currency: str
    """What it is in, as the source said (ISO 4217)."""

    source: Union[Literal['ledger', 'provider'], str]
    """Who said so: our own ledger, or the provider of balances."""

    collected_at: datetime
    """When that was; it was the same until the next snapshot."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "amount": ("amount", codec.read_text),
        "currency": ("currency", codec.read_text),
        "source": ("source", codec.read_text),
        "collected_at": ("collected_at", codec.read_instant),
    }


@dataclass(frozen=True)
class CostFees(codec.Record):
    """Part of a reply."""

    __slots__ = ("subscription", "overage", "commitment_shortfall", "tax", "total")

    subscription: Decimal
    """Plans' fees, less what was given back of them."""

    overage: Decimal
    """What was used beyond quotas, once the month was billed."""

    commitment_shortfall: Decimal
    """What was missing in commitments, once the month was billed."""

    tax: Decimal
    """Tax on those, as invoices add it; what is paid by credits includes it already."""

    total: Decimal
    """All four."""

    _members: ClassVar[codec.Members] = {
        "subscription": ("subscription", codec.read_decimal),
        "overage": ("overage", codec.read_decimal),
        "commitment_shortfall": ("commitment_shortfall", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "total": ("total", codec.read_decimal),
    }


@dataclass(frozen=True)
class UsageLine(codec.Record):
    """Part of a reply."""

    __slots__ = ("service", "operator", "unit", "quantity", "amount")

    service: str
    """The service; empty where none was named."""

    operator: Optional[str]
    """Who provides it, where that was named."""

    unit: str
    """The metric that was counted."""

    quantity: Decimal
    """How much was used, in the metric's unit."""

    amount: Decimal
    """What that cost, as senders say."""

    _members: ClassVar[codec.Members] = {
        "service": ("service", codec.read_text),
        "operator": ("operator", codec.read_text),
        "unit": ("unit", codec.read_text),
        "quantity": ("quantity", codec.read_decimal),
        "amount": ("amount", codec.read_decimal),
    }


@dataclass(frozen=True)
class CostSnapshot(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "year", "month", "collected_at", "currency", "fees", "usage_amount", "usage_lines", "usage_lines_left_out")

    organization_id: str
    """Whose costs they are."""

    year: int
    """The year of the month."""

    month: int
    """The month, in the organization's time zone: 1 to 12."""

    collected_at: datetime
    """When it stood like this."""

    currency: str
    """What all amounts are in."""

    fees: CostFees
    """What was booked in the month, and billed for it."""

    usage_amount: Decimal
    """What all usage of the month cost, as senders say."""

    usage_lines: tuple[UsageLine, ...]
    """That by metric, service and operator; the first 1,000 lines, by name."""

    usage_lines_left_out: int
    """How many lines there are beyond those."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "year": ("year", codec.read_integer),
        "month": ("month", codec.read_integer),
        "collected_at": ("collected_at", codec.read_instant),
        "currency": ("currency", codec.read_text),
        "fees": ("fees", codec.read_one(CostFees)),
        "usage_amount": ("usage_amount", codec.read_decimal),
        "usage_lines": ("usage_lines", codec.read_rows(UsageLine)),
        "usage_lines_left_out": ("usage_lines_left_out", codec.read_integer),
    }


@dataclass(frozen=True)
class StatementBalances(codec.Record):
    """Part of a reply."""

    __slots__ = ("available", "reserved", "debt", "receivable")

    available: int
    """Credits that could be spent."""

    reserved: int
    """Credits held by orders."""

    debt: int
    """Credits that were owed."""

    receivable: Decimal
    """Money that was owed, invoiced or not yet."""

    _members: ClassVar[codec.Members] = {
        "available": ("available", codec.read_integer),
        "reserved": ("reserved", codec.read_integer),
        "debt": ("debt", codec.read_integer),
        "receivable": ("receivable", codec.read_decimal),
    }


@dataclass(frozen=True)
class Thing(codec.Record):
    """Part of a reply."""

    __slots__ = ("type", "id")

    type: str
    """What kind of thing."""

    id: str
    """Which one."""

    _members: ClassVar[codec.Members] = {
        "type": ("type", codec.read_text),
        "id": ("id", codec.read_text),
    }


@dataclass(frozen=True)
class StatementFlag(codec.Record):
    """Part of a reply."""

    __slots__ = ("commitment_id", "line", "credits", "amount")

    commitment_id: str
    """The commitment."""

    line: int
    """The line's place in the order, from 0."""

    credits: int
    """What it cost; negative where it was refunded."""

    amount: Decimal
    """What that counts for: the credits at their price."""

    _members: ClassVar[codec.Members] = {
        "commitment_id": ("commitment_id", codec.read_text),
        "line": ("line", codec.read_integer),
        "credits": ("credits", codec.read_integer),
        "amount": ("amount", codec.read_decimal),
    }


@dataclass(frozen=True)
class StatementActivity(codec.Record):
    """Part of a reply."""

    __slots__ = ("sequence", "at", "kind", "reference", "description", "credits", "amount", "commitment_id", "commitment_lines", "available_change", "reserved_change", "debt_change", "receivable_change", "available_after", "reserved_after", "debt_after", "receivable_after")

    sequence: int
    """The entry's place among the organization's."""

    at: datetime
    """When it was booked."""

    kind: Union[Literal['grant', 'topup', 'auto_topup', 'reservation', 'release', 'charge', 'refund', 'clawback', 'expiry', 'adjustment', 'plan_fee', 'overage', 'commitment_shortfall', 'invoice', 'payment', 'credit_note', 'write_off'], str]
    """Why."""

    reference: Optional[Thing]
    """What it belongs to, or null."""

    description: Optional[str]
    """In words."""

    credits: int
    """The change of the balance, which is available and reserved credits."""

    amount: Optional[Decimal]
    """The money of it: what was received, negative where it was given back; else what became payable; null where only credits moved."""

    commitment_id: Optional[str]
    """The commitment that it counts towards; the first one, if several."""

    commitment_lines: tuple[StatementFlag, ...]
    """The order's lines that count."""

    available_change: int
    """The change of available credits."""

    reserved_change: int
    """The change of reserved credits."""

    debt_change: int
    """The change of the credits that are owed."""

    receivable_change: Decimal
    """The change of the money that is owed."""

    available_after: int
    """The available credits behind it."""

    reserved_after: int
    """The reserved credits behind it."""

    debt_after: int
    """The credits that are owed behind it."""

    receivable_after: Decimal
    """The money that is owed behind it."""

    _members: ClassVar[codec.Members] = {
        "sequence": ("sequence", codec.read_integer),
        "at": ("at", codec.read_instant),
        "kind": ("kind", codec.read_text),
        "reference": ("reference", codec.read_one(Thing)),
        "description": ("description", codec.read_text),
        "credits": ("credits", codec.read_integer),
        "amount": ("amount", codec.read_decimal),
        "commitment_id": ("commitment_id", codec.read_text),
        "commitment_lines": ("commitment_lines", codec.read_rows(StatementFlag)),
        "available_change": ("available_change", codec.read_integer),
        "reserved_change": ("reserved_change", codec.read_integer),
        "debt_change": ("debt_change", codec.read_integer),
        "receivable_change": ("receivable_change", codec.read_decimal),
        "available_after": ("available_after", codec.read_integer),
        "reserved_after": ("reserved_after", codec.read_integer),
        "debt_after": ("debt_after", codec.read_integer),
        "receivable_after": ("receivable_after", codec.read_decimal),
    }


@dataclass(frozen=True)
class StatementDay(codec.Record):
    """Part of a reply."""

    __slots__ = ("on", "committed", "consumed", "remaining")

    on: str
    """The day, in the organization's time zone."""

    committed: Decimal
    """What was to be used in the term, as it was agreed by its end."""

    consumed: Decimal
    """What had counted by its end, since the term began."""

    remaining: Decimal
    """What was left to be used: no less than 0."""

    _members: ClassVar[codec.Members] = {
        "on": ("on", codec.read_text),
        "committed": ("committed", codec.read_decimal),
        "consumed": ("consumed", codec.read_decimal),
        "remaining": ("remaining", codec.read_decimal),
    }


@dataclass(frozen=True)
class StatementBurnDown(codec.Record):
    """Part of a reply."""

    __slots__ = ("commitment_id", "name", "committed", "opening", "days")

    commitment_id: str
    """The commitment."""

    name: str
    """Its name."""

    committed: Decimal
    """What was to be used in its term on the last of the days, what was carried in taken off."""

    opening: Decimal
    """What had counted before the month, since the term began."""

    days: tuple[StatementDay, ...]
    """The days of the month in which it ran."""

    _members: ClassVar[codec.Members] = {
        "commitment_id": ("commitment_id", codec.read_text),
        "name": ("name", codec.read_text),
        "committed": ("committed", codec.read_decimal),
        "opening": ("opening", codec.read_decimal),
        "days": ("days", codec.read_rows(StatementDay)),
    }


@dataclass(frozen=True)
class StatementAccount(codec.Record):
    """Part of a reply."""

    __slots__ = ("account", "unit", "opening", "activity", "closing", "difference")

    account: str
    """One of available, reserved, debt and receivable."""

    unit: str
    """Credits, or the currency."""

    opening: str
    """What the ledger says there was."""

    activity: str
    """The sum of the month's activity."""

    closing: str
    """What the ledger says there is."""

    difference: str
    """Opening and activity, less closing."""

    _members: ClassVar[codec.Members] = {
        "account": ("account", codec.read_text),
        "unit": ("unit", codec.read_text),
        "opening": ("opening", codec.read_text),
        "activity": ("activity", codec.read_text),
        "closing": ("closing", codec.read_text),
        "difference": ("difference", codec.read_text),
    }


@dataclass(frozen=True)
class StatementReconciliation(codec.Record):
    """Part of a reply."""

    __slots__ = ("reconciled", "difference", "rows")

    reconciled: bool
    """Whether no account differs."""

    difference: Decimal
    """By how much they differ in all, credits at their price."""

    rows: tuple[StatementAccount, ...]
    """Every account."""

    _members: ClassVar[codec.Members] = {
        "reconciled": ("reconciled", codec.read_boolean),
        "difference": ("difference", codec.read_decimal),
        "rows": ("rows", codec.read_rows(StatementAccount)),
    }


@dataclass(frozen=True)
class MonthStatement(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "organization_name", "period", "timezone", "from_", "to", "currency", "credit_price", "as_of", "opening", "activity", "entries", "burn_down", "closing", "reconciliation")

    organization_id: str
    """Whose it is."""

    organization_name: str
    """Its name."""

    period: str
    """The month."""

    timezone: str
    """The time zone that it is a month of."""

    from_: datetime
    """Its first moment."""

    to: datetime
    """The next month's first moment."""

    currency: str
    """What money is in."""

    credit_price: Decimal
    """What a credit is worth."""

    as_of: datetime
    """When it closes: the month's end, or now where that lies ahead."""

    opening: StatementBalances
    """What there was at first."""

    activity: tuple[StatementActivity, ...]
    """Everything that changed that, in order."""

    entries: int
    """How many rows of activity there are."""

    burn_down: tuple[StatementBurnDown, ...]
    """The commitments that ran in the month."""

    closing: StatementBalances
    """What there is in the end."""

    reconciliation: StatementReconciliation
    """Whether the activity is the change of the ledger, account by account."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "organization_name": ("organization_name", codec.read_text),
        "period": ("period", codec.read_text),
        "timezone": ("timezone", codec.read_text),
        "from_": ("from", codec.read_instant),
        "to": ("to", codec.read_instant),
        "currency": ("currency", codec.read_text),
        "credit_price": ("credit_price", codec.read_decimal),
        "as_of": ("as_of", codec.read_instant),
        "opening": ("opening", codec.read_one(StatementBalances)),
        "activity": ("activity", codec.read_rows(StatementActivity)),
        "entries": ("entries", codec.read_integer),
        "burn_down": ("burn_down", codec.read_rows(StatementBurnDown)),
        "closing": ("closing", codec.read_one(StatementBalances)),
        "reconciliation": ("reconciliation", codec.read_one(StatementReconciliation)),
    }


@dataclass(frozen=True)
class Milestone(codec.Record):
    """Part of a reply."""

    __slots__ = ("on", "amount")

    on: str
    """The last day that counts towards it, in the organization's zone."""

    amount: Decimal
    """What is to be used until then, from the term's beginning on."""

    _members: ClassVar[codec.Members] = {
        "on": ("on", codec.read_text),
        "amount": ("amount", codec.read_decimal),
    }


@dataclass(frozen=True)
class TakeOrPay(codec.Record):
    """Part of a reply."""

    __slots__ = ("due", "due_on", "status")

    due: Decimal
    """What is missing: billed and not used, or to be billed; while nothing is due yet, what would be due if nothing more were used."""

    due_on: str
    """The day at whose end it fell due, or will."""

    status: Union[Literal['none', 'pending', 'due', 'invoiced'], str]
    """Nothing, not yet, to be billed by the monthly run, or billed by it."""

    _members: ClassVar[codec.Members] = {
        "due": ("due", codec.read_decimal),
        "due_on": ("due_on", codec.read_text),
        "status": ("status", codec.read_text),
    }


@dataclass(frozen=True)
class NextMilestone(codec.Record):
    """Part of a reply."""

    __slots__ = ("on", "amount", "remaining")

    on: str
    """Its last day."""

    amount: Decimal
    """What is to be used until then, from the term's beginning on."""

    remaining: Decimal
    """What is missing for that."""

    _members: ClassVar[codec.Members] = {
        "on": ("on", codec.read_text),
        "amount": ("amount", codec.read_decimal),
        "remaining": ("remaining", codec.read_decimal),
    }


@dataclass(frozen=True)
class CommitmentLineItem(codec.Record):
    """Part of a reply."""

    __slots__ = ("at", "order_id", "reference", "line", "is_refund", "sku", "description", "service", "credits", "amount")

    at: datetime
    """When it was settled, or refunded."""

    order_id: str
    """The order."""

    reference: str
    """The caller's own id of it."""

    line: int
    """The line's place in the order, from 0."""

    is_refund: bool
    """Whether it was taken back."""

    sku: str
    """What was ordered."""

    description: str
    """What it is."""

    service: Optional[str]
    """The service that it belongs to."""

    credits: int
    """Its credits; negative where it was taken back."""

    amount: Decimal
    """What they are worth."""

    _members: ClassVar[codec.Members] = {
        "at": ("at", codec.read_instant),
        "order_id": ("order_id", codec.read_text),
        "reference": ("reference", codec.read_text),
        "line": ("line", codec.read_integer),
        "is_refund": ("is_refund", codec.read_boolean),
        "sku": ("sku", codec.read_text),
        "description": ("description", codec.read_text),
        "service": ("service", codec.read_text),
        "credits": ("credits", codec.read_integer),
        "amount": ("amount", codec.read_decimal),
    }


@dataclass(frozen=True)
class Commitment(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "organization_id", "name", "starts_on", "ends_on", "amount", "currency", "milestones", "eligible_services", "true_up", "rollover_percent", "carried_in", "status", "committed", "consumed", "remaining", "consumed_percent", "elapsed_percent", "pace", "projected_total", "projected_shortfall", "take_or_pay", "next_milestone", "line_items", "created_at", "updated_at", "cancelled_at")

    id: str
    """The commitment's id."""

    organization_id: str
    """Who made it."""

    name: str
    """Its name; those of one name follow each other."""

    starts_on: str
    """The term's first day, in the organization's zone."""

    ends_on: str
    """The term's last day."""

    amount: Decimal
    """What is promised, as the prices of the organization's credits are: tax included where it pays before, without tax where it pays afterwards."""

    currency: str
    """The organization's."""

    milestones: tuple[Milestone, ...]
    """What is to be used until when."""

    eligible_services: tuple[str, ...]
    """The services whose order lines count; all where none are named."""

    true_up: Union[Literal['at_end', 'milestones'], str]
    """Whether what is missing is billed at the end, or at each milestone, too."""

    rollover_percent: int
    """How much of what is used beyond it counts for the next of its name."""

    carried_in: Decimal
    """What counts from the ones before it of its name."""

    status: Union[Literal['upcoming', 'active', 'fulfilled', 'settled', 'cancelled'], str]
    """What became of it: `fulfilled` from the moment on that enough is used, `settled` when the term is over and what was missing is billed."""

    committed: Decimal
    """What is to be used in the term: `amount` without `carried_in`."""

    consumed: Decimal
    """What was used in the term: settled order lines at the price of their credits."""

    remaining: Decimal
    """What is missing of it."""

    consumed_percent: Decimal
    """`consumed` in hundredths of `committed`."""

    elapsed_percent: Decimal
    """How much of the term is over, in hundredths."""

    pace: Union[Literal['ahead', 'on', 'behind'], str]
    """How `projected_total` compares with `committed`: `on` within 5 per cent."""

    projected_total: Optional[Decimal]
    """What will have been used at the end if it goes on as it did from the start until now; null before the start."""

    projected_shortfall: Optional[Decimal]
    """What would be missing then; null before the start."""

    take_or_pay: TakeOrPay
    """What has to be paid without being used."""

    next_milestone: Optional[NextMilestone]
    """The milestone ahead, or null."""

    line_items: Optional[tuple[CommitmentLineItem, ...]]
    """The newest thousand order lines that counted, newest first; where they were asked for."""

    created_at: datetime
    """When it was made."""

    updated_at: datetime
    """When it was last changed, or something fell due."""

    cancelled_at: Optional[datetime]
    """When it was cancelled, or null."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "organization_id": ("organization_id", codec.read_text),
        "name": ("name", codec.read_text),
        "starts_on": ("starts_on", codec.read_text),
        "ends_on": ("ends_on", codec.read_text),
        "amount": ("amount", codec.read_decimal),
        "currency": ("currency", codec.read_text),
        "milestones": ("milestones", codec.read_rows(Milestone)),
        "eligible_services": ("eligible_services", codec.read_texts),
        "true_up": ("true_up", codec.read_text),
        "rollover_percent": ("rollover_percent", codec.read_integer),
        "carried_in": ("carried_in", codec.read_decimal),
        "status": ("status", codec.read_text),
        "committed": ("committed", codec.read_decimal),
        "consumed": ("consumed", codec.read_decimal),
        "remaining": ("remaining", codec.read_decimal),
        "consumed_percent": ("consumed_percent", codec.read_decimal),
        "elapsed_percent": ("elapsed_percent", codec.read_decimal),
        "pace": ("pace", codec.read_text),
        "projected_total": ("projected_total", codec.read_decimal),
        "projected_shortfall": ("projected_shortfall", codec.read_decimal),
        "take_or_pay": ("take_or_pay", codec.read_one(TakeOrPay)),
        "next_milestone": ("next_milestone", codec.read_one(NextMilestone)),
        "line_items": ("line_items", codec.read_rows(CommitmentLineItem)),
        "created_at": ("created_at", codec.read_instant),
        "updated_at": ("updated_at", codec.read_instant),
        "cancelled_at": ("cancelled_at", codec.read_instant),
    }


@dataclass(frozen=True)
class IntegrationShown(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "token", "endpoint", "last_pushed_at", "last_error")

    id: str
    """The name to sign in with."""

    token: str
    """The password to it, masked but for its end."""

    endpoint: str
    """Where to push to."""

    last_pushed_at: Optional[datetime]
    """When a push last succeeded."""

    last_error: Optional[str]
    """Why the last push failed, or, for a day, how many lines were dropped; null where neither is."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "token": ("token", codec.read_text),
        "endpoint": ("endpoint", codec.read_text),
        "last_pushed_at": ("last_pushed_at", codec.read_instant),
        "last_error": ("last_error", codec.read_text),
    }


@dataclass(frozen=True)
class Integrations(codec.Record):
    """Part of a reply."""

    __slots__ = ("prom", "loki")

    prom: Optional[IntegrationShown]
    """Prometheus; null: figures go nowhere."""

    loki: Optional[IntegrationShown]
    """Loki; null: audit events go nowhere."""

    _members: ClassVar[codec.Members] = {
        "prom": ("prom", codec.read_one(IntegrationShown)),
        "loki": ("loki", codec.read_one(IntegrationShown)),
    }


@dataclass(frozen=True)
class IntegrationAnswer(codec.Record):
    """Part of a reply."""

    __slots__ = ("ok", "status", "detail", "milliseconds")

    ok: bool
    """Whether the sample was taken: a status of 200 to 299."""

    status: Optional[int]
    """The HTTP status; null where there was no answer."""

    detail: str
    """How the answer begins, or why there was none: at most 500 characters, without control characters."""

    milliseconds: int
    """How long it took."""

    _members: ClassVar[codec.Members] = {
        "ok": ("ok", codec.read_boolean),
        "status": ("status", codec.read_integer),
        "detail": ("detail", codec.read_text),
        "milliseconds": ("milliseconds", codec.read_integer),
    }


@dataclass(frozen=True)
class StatusPlan(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "name", "tier", "version")

    id: str
    """The plan's id; every version has its own."""

    name: str
    """Its name."""

    tier: str
    """Its place among the plans of the product."""

    version: int
    """The version that was subscribed to."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "name": ("name", codec.read_text),
        "tier": ("tier", codec.read_text),
        "version": ("version", codec.read_integer),
    }


@dataclass(frozen=True)
class StatusPeriod(codec.Record):
    """Part of a reply."""

    __slots__ = ("start", "end")

    start: datetime
    """Its first moment."""

    end: datetime
    """The first moment of the next one."""

    _members: ClassVar[codec.Members] = {
        "start": ("start", codec.read_instant),
        "end": ("end", codec.read_instant),
    }


@dataclass(frozen=True)
class StatusUsage(codec.Record):
    """Part of a reply."""

    __slots__ = ("metric", "used", "included", "remaining", "overage")

    metric: str
    """What is counted."""

    used: Decimal
    """Units of it so far."""

    included: Optional[int]
    """Units that the plan includes in a period; null: there is no quota."""

    remaining: Optional[Decimal]
    """What is left of those; null: there is no quota."""

    overage: Decimal
    """What was used beyond them, by the plan that was in force as it was used."""

    _members: ClassVar[codec.Members] = {
        "metric": ("metric", codec.read_text),
        "used": ("used", codec.read_decimal),
        "included": ("included", codec.read_integer),
        "remaining": ("remaining", codec.read_decimal),
        "overage": ("overage", codec.read_decimal),
    }


@dataclass(frozen=True)
class StatusLimits(codec.Record):
    """Part of a reply."""

    __slots__ = ("soft", "hard", "spent")

    soft: Optional[int]
    """From how many credits of a period on it is announced; null: never."""

    hard: Optional[int]
    """The most credits that a period may spend; null: there is no limit."""

    spent: int
    """Credits of this period, charged and held."""

    _members: ClassVar[codec.Members] = {
        "soft": ("soft", codec.read_integer),
        "hard": ("hard", codec.read_integer),
        "spent": ("spent", codec.read_integer),
    }


@dataclass(frozen=True)
class BillingStatus(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "status", "plan", "cycle", "period", "balance", "reserved", "available", "usage", "limits", "pause_reason", "next_invoice_at", "open_invoices")

    organization_id: str
    """The organization."""

    status: Union[Literal['active', 'trialing', 'past_due', 'paused', 'closed'], str]
    """`closed`, or that of its subscription to `platform`; `active` without one."""

    plan: Optional[StatusPlan]
    """The plan of that subscription; null without."""

    cycle: Union[Literal['monthly', 'yearly'], str]
    """How the plan is paid; `monthly` without one."""

    period: StatusPeriod
    """What usage and limits are counted in: a month from the subscription's day on, also where it is paid by the year; a trial; without a subscription the calendar month."""

    balance: int
    """All credits: available and reserved."""

    reserved: int
    """Credits held by work in progress."""

    available: int
    """Credits that can be spent now."""

    usage: tuple[StatusUsage, ...]
    """Each metric that was used or has a quota, by its name."""

    limits: StatusLimits
    """What the period may spend, in credits."""

    pause_reason: Optional[Mapping[str, Any]]
    """Why the subscription is paused: {invoices: [{invoice_id, invoice_number, amount, timestamp, pause_reason, invoice_name, payment_link, severity}]}; null while it is not."""

    next_invoice_at: datetime
    """From when on the present calendar month can be invoiced: the start of the next one, in the organization's time zone."""

    open_invoices: int
    """Invoices that are issued and not paid."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "status": ("status", codec.read_text),
        "plan": ("plan", codec.read_one(StatusPlan)),
        "cycle": ("cycle", codec.read_text),
        "period": ("period", codec.read_one(StatusPeriod)),
        "balance": ("balance", codec.read_integer),
        "reserved": ("reserved", codec.read_integer),
        "available": ("available", codec.read_integer),
        "usage": ("usage", codec.read_rows(StatusUsage)),
        "limits": ("limits", codec.read_one(StatusLimits)),
        "pause_reason": ("pause_reason", codec.read_document),
        "next_invoice_at": ("next_invoice_at", codec.read_instant),
        "open_invoices": ("open_invoices", codec.read_integer),
    }


@dataclass(frozen=True)
class Lot(codec.Record):
    """Part of a reply."""

    __slots__ = ("source", "remaining", "expires_at")

    source: str
    """Where the credits came from: paid, promotional, free_tier or goodwill."""

    remaining: int
    """What is left of them, reserved ones included."""

    expires_at: Optional[datetime]
    """When they expire; never when null."""

    _members: ClassVar[codec.Members] = {
        "source": ("source", codec.read_text),
        "remaining": ("remaining", codec.read_integer),
        "expires_at": ("expires_at", codec.read_instant),
    }


@dataclass(frozen=True)
class Balance(codec.Record):
    """Part of a reply."""

    __slots__ = ("balance", "reserved", "available", "debt", "currency", "value", "as_of", "lots")

    balance: int
    """All credits: available and reserved."""

    reserved: int
    """Credits set aside for work in progress."""

    available: int
    """Credits that can be spent now."""

    debt: int
    """Credits owed; new credits pay them first."""

    currency: str
    """The organization's currency."""

    value: Decimal
    """What the available credits cost in that currency."""

    as_of: datetime
    """The moment this was true."""

    lots: tuple[Lot, ...]
    """What the credits consist of, in the order in which they are drawn."""

    _members: ClassVar[codec.Members] = {
        "balance": ("balance", codec.read_integer),
        "reserved": ("reserved", codec.read_integer),
        "available": ("available", codec.read_integer),
        "debt": ("debt", codec.read_integer),
        "currency": ("currency", codec.read_text),
        "value": ("value", codec.read_decimal),
        "as_of": ("as_of", codec.read_instant),
        "lots": ("lots", codec.read_rows(Lot)),
    }


@dataclass(frozen=True)
class Transaction(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "sequence", "created_at", "reason", "amount", "reserved_change", "available_after", "balance_after", "description", "reference", "actor")

    id: str
    """The entry's id."""

    sequence: int
    """Its place among the organization's entries, from 1, without gaps."""

    created_at: datetime
    """When it was booked."""

    reason: Union[Literal['grant', 'topup', 'auto_topup', 'reservation', 'release', 'charge', 'refund', 'clawback', 'expiry', 'adjustment', 'plan_fee', 'overage', 'commitment_shortfall', 'invoice', 'payment', 'credit_note', 'write_off'], str]
    """Why."""

    amount: int
    """By how much the available credits changed."""

    reserved_change: int
    """By how much the reserved credits changed."""

    available_after: int
    """Available credits behind it."""

    balance_after: int
    """Available and reserved credits behind it."""

    description: Optional[str]
    """In words, where there are any."""

    reference: Optional[Thing]
    """What it belongs to, or null."""

    actor: Thing
    """Who caused it; the system itself has an id of zeros."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "sequence": ("sequence", codec.read_integer),
        "created_at": ("created_at", codec.read_instant),
        "reason": ("reason", codec.read_text),
        "amount": ("amount", codec.read_integer),
        "reserved_change": ("reserved_change", codec.read_integer),
        "available_after": ("available_after", codec.read_integer),
        "balance_after": ("balance_after", codec.read_integer),
        "description": ("description", codec.read_text),
        "reference": ("reference", codec.read_one(Thing)),
        "actor": ("actor", codec.read_one(Thing)),
    }


@dataclass(frozen=True)
class Topup(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "status", "credits", "amount", "currency", "payment_intent_id", "client_secret", "decline_code", "description", "refunded", "balance", "created_at")

    id: str
    """The top-up."""

    status: Union[Literal['processing', 'requires_action', 'succeeded', 'failed'], str]
    """How far it is. `requires_action`: the card's holder has to authenticate, with the client secret."""

    credits: int
    """Credits: booked where it succeeded, else asked for."""

    amount: Decimal
    """What was received where it succeeded, else what is to be charged; tax included."""

    currency: str
    """Of the amount."""

    payment_intent_id: Optional[str]
    """The processor's name of the charge, once there is one."""

    client_secret: Optional[str]
    """For the processor's library in the buyer's browser; only while it waits, and for who may buy."""

    decline_code: Optional[str]
    """Why it failed, where it did."""

    description: Optional[str]
    """In the buyer's words."""

    refunded: Decimal
    """What was given back of the amount."""

    balance: int
    """The organization's credits behind it, available and reserved; so far where it is at work."""

    created_at: datetime
    """When it was begun."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "status": ("status", codec.read_text),
        "credits": ("credits", codec.read_integer),
        "amount": ("amount", codec.read_decimal),
        "currency": ("currency", codec.read_text),
        "payment_intent_id": ("payment_intent_id", codec.read_text),
        "client_secret": ("client_secret", codec.read_text),
        "decline_code": ("decline_code", codec.read_text),
        "description": ("description", codec.read_text),
        "refunded": ("refunded", codec.read_decimal),
        "balance": ("balance", codec.read_integer),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class OrderLine(codec.Record):
    """Part of a reply."""

    __slots__ = ("sku", "description", "quantity", "unit_credits", "service", "operator", "commitment_eligible", "credits")

    sku: str
    """What is ordered, by the caller's own name for it."""

    description: str
    """What it is, for those who read an invoice."""

    quantity: Decimal
    """How much of it."""

    unit_credits: int
    """Credits for one."""

    service: Optional[str]
    """The service that it belongs to."""

    operator: Optional[str]
    """Who provides it."""

    commitment_eligible: Optional[bool]
    """Whether it may count towards a commitment."""

    credits: int
    """Credits for all of it: their product, rounded half to even."""

    _members: ClassVar[codec.Members] = {
        "sku": ("sku", codec.read_text),
        "description": ("description", codec.read_text),
        "quantity": ("quantity", codec.read_decimal),
        "unit_credits": ("unit_credits", codec.read_integer),
        "service": ("service", codec.read_text),
        "operator": ("operator", codec.read_text),
        "commitment_eligible": ("commitment_eligible", codec.read_boolean),
        "credits": ("credits", codec.read_integer),
    }


@dataclass(frozen=True)
class Order(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "reference", "status", "credits", "lines", "commitment_id", "created_at", "hold_expires_at", "settled_at")

    id: str
    """The order's id."""

    reference: str
    """The caller's own id."""

    status: Union[Literal['reserved', 'settled', 'cancelled', 'expired', 'refunded'], str]
    """What became of it."""

    credits: int
    """Credits that it holds, or once it is settled, that it was charged."""

    lines: tuple[OrderLine, ...]
    """What is ordered; once it is settled, what was delivered."""

    commitment_id: Optional[str]
    """The commitment that it is to count towards, or null."""

    created_at: datetime
    """When it was made."""

    hold_expires_at: datetime
    """When its credits are given back, unless it is settled or cancelled before."""

    settled_at: Optional[datetime]
    """When it was charged; null until then."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "reference": ("reference", codec.read_text),
        "status": ("status", codec.read_text),
        "credits": ("credits", codec.read_integer),
        "lines": ("lines", codec.read_rows(OrderLine)),
        "commitment_id": ("commitment_id", codec.read_text),
        "created_at": ("created_at", codec.read_instant),
        "hold_expires_at": ("hold_expires_at", codec.read_instant),
        "settled_at": ("settled_at", codec.read_instant),
    }


@dataclass(frozen=True)
class Estimate(codec.Record):
    """Part of a reply."""

    __slots__ = ("lines", "credits", "available", "sufficient")

    lines: tuple[OrderLine, ...]
    """What would be ordered, with what each line costs."""

    credits: int
    """What it costs in all."""

    available: int
    """Credits that can be spent now."""

    sufficient: bool
    """Whether the order would be taken now, by the credits and by the hard limit."""

    _members: ClassVar[codec.Members] = {
        "lines": ("lines", codec.read_rows(OrderLine)),
        "credits": ("credits", codec.read_integer),
        "available": ("available", codec.read_integer),
        "sufficient": ("sufficient", codec.read_boolean),
    }


@dataclass(frozen=True)
class CancelledOrder(codec.Record):
    """Part of a reply."""

    __slots__ = ("orderId", "status")

    orderId: str
    """The order."""

    status: Union[Literal['reserved', 'settled', 'cancelled', 'expired', 'refunded'], str]
    """What became of it."""

    _members: ClassVar[codec.Members] = {
        "orderId": ("orderId", codec.read_text),
        "status": ("status", codec.read_text),
    }


@dataclass(frozen=True)
class TopupRefund(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "topup_id", "organization_id", "amount", "currency", "status", "credits_clawed", "created_at")

    id: str
    """The refund."""

    topup_id: str
    """The top-up that it is of."""

    organization_id: str
    """Who gets the money back."""

    amount: Decimal
    """How much."""

    currency: str
    """In which currency."""

    status: Union[Literal['pending', 'succeeded', 'failed'], str]
    """`pending` while the card processor has not told; repeat with the same `Idempotency-Key` to learn more."""

    credits_clawed: int
    """The credits that were taken back for it; what is not there is owed."""

    created_at: datetime
    """When it was asked for."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "topup_id": ("topup_id", codec.read_text),
        "organization_id": ("organization_id", codec.read_text),
        "amount": ("amount", codec.read_decimal),
        "currency": ("currency", codec.read_text),
        "status": ("status", codec.read_text),
        "credits_clawed": ("credits_clawed", codec.read_integer),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class Invoice(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "number", "kind", "period", "status", "currency", "tax_included", "subtotal", "tax", "total", "paid", "credited", "written_off", "due", "due_at", "issued_at", "paid_at", "payment_id", "reference", "refund_reference", "failed_at", "retry_at", "lines_count", "orders_count", "created_at", "pdf_url")

    id: str
    """The invoice."""

    number: Optional[str]
    """Its number; null while it is a draft."""

    kind: Union[Literal['topup', 'run'], str]
    """A purchase of credits, or the bill of a month."""

    period: Optional[str]
    """The month that it bills, YYYY-MM; null for a purchase."""

    status: Union[Literal['draft', 'issued', 'paid', 'void', 'uncollectible'], str]
    """How far it is; only what is issued is still to be paid."""

    currency: str
    """Of all amounts."""

    tax_included: bool
    """Whether the lines' amounts include the tax."""

    subtotal: Decimal
    """The sum without tax."""

    tax: Decimal
    """The tax; once per rate on the sum of its lines, half-even to a hundredth."""

    total: Decimal
    """Both together."""

    paid: Decimal
    """What was paid."""

    credited: Decimal
    """What credit notes took off."""

    written_off: Decimal
    """What was given up as uncollectible."""

    due: Decimal
    """What is left to be paid; below 0 where more was paid than is owed."""

    due_at: Optional[datetime]
    """Until when it is to be paid."""

    issued_at: Optional[datetime]
    """When it was issued."""

    paid_at: Optional[datetime]
    """When all of it was paid."""

    payment_id: Optional[str]
    """The purchase, or the charge to a card that paid it."""

    reference: Optional[str]
    """What a payment outside was booked under."""

    refund_reference: Optional[str]
    """What was too much and was given back outside was booked under."""

    failed_at: Optional[datetime]
    """When an automatic charge for it first failed."""

    retry_at: Optional[datetime]
    """When the next automatic charge is due; null: none is."""

    lines_count: int
    """How many lines it has."""

    orders_count: int
    """How many orders it bills."""

    created_at: datetime
    """When it was drawn up."""

    pdf_url: Optional[str]
    """Where it is as a PDF, with the same token; null for a draft."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "number": ("number", codec.read_text),
        "kind": ("kind", codec.read_text),
        "period": ("period", codec.read_text),
        "status": ("status", codec.read_text),
        "currency": ("currency", codec.read_text),
        "tax_included": ("tax_included", codec.read_boolean),
        "subtotal": ("subtotal", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "total": ("total", codec.read_decimal),
        "paid": ("paid", codec.read_decimal),
        "credited": ("credited", codec.read_decimal),
        "written_off": ("written_off", codec.read_decimal),
        "due": ("due", codec.read_decimal),
        "due_at": ("due_at", codec.read_instant),
        "issued_at": ("issued_at", codec.read_instant),
        "paid_at": ("paid_at", codec.read_instant),
        "payment_id": ("payment_id", codec.read_text),
        "reference": ("reference", codec.read_text),
        "refund_reference": ("refund_reference", codec.read_text),
        "failed_at": ("failed_at", codec.read_instant),
        "retry_at": ("retry_at", codec.read_instant),
        "lines_count": ("lines_count", codec.read_integer),
        "orders_count": ("orders_count", codec.read_integer),
        "created_at": ("created_at", codec.read_instant),
        "pdf_url": ("pdf_url", codec.read_text),
    }


@dataclass(frozen=True)
class InvoiceParty(codec.Record):
    """Part of a reply."""

    __slots__ = ("name", "address", "country", "tax_number")

    name: str
    """The name."""

    address: tuple[str, ...]
    """The lines of the address."""

    country: Optional[str]
    """The country, ISO 3166-1 alpha-2, or its name."""

    tax_number: Optional[str]
    """The tax number, with what kind of number it is."""

    _members: ClassVar[codec.Members] = {
        "name": ("name", codec.read_text),
        "address": ("address", codec.read_texts),
        "country": ("country", codec.read_text),
        "tax_number": ("tax_number", codec.read_text),
    }


@dataclass(frozen=True)
class InvoiceLine(codec.Record):
    """Part of a reply."""

    __slots__ = ("position", "kind", "description", "quantity", "unit", "unit_price", "credits", "exact", "amount", "tax_rate_name", "tax_rate", "tax", "from_", "to", "source")

    position: int
    """Its place, from 1."""

    kind: Union[Literal['topup', 'plan_fee', 'overage', 'usage', 'orders', 'refund', 'commitment_shortfall', 'late_usage'], str]
    """What kind of thing it is for."""

    description: str
    """What it is for, in words."""

    quantity: Optional[Decimal]
    """How much of it; null where that is not counted."""

    unit: Optional[str]
    """What is counted."""

    unit_price: Optional[Decimal]
    """The price of one; null where the amount is no product."""

    credits: Optional[int]
    """The credits that it is the value of."""

    exact: Decimal
    """The amount before it was rounded."""

    amount: Decimal
    """The amount, rounded half-even to a hundredth."""

    tax_rate_name: Optional[str]
    """The tax; null: none."""

    tax_rate: int
    """Its rate, in millionths."""

    tax: Decimal
    """Its part of the tax; the largest line at a rate takes what rounding leaves."""

    from_: Optional[datetime]
    """From when on it counts."""

    to: Optional[datetime]
    """Until when."""

    source: Optional[Mapping[str, Any]]
    """What it was computed from."""

    _members: ClassVar[codec.Members] = {
        "position": ("position", codec.read_integer),
        "kind": ("kind", codec.read_text),
        "description": ("description", codec.read_text),
        "quantity": ("quantity", codec.read_decimal),
        "unit": ("unit", codec.read_text),
        "unit_price": ("unit_price", codec.read_decimal),
        "credits": ("credits", codec.read_integer),
        "exact": ("exact", codec.read_decimal),
        "amount": ("amount", codec.read_decimal),
        "tax_rate_name": ("tax_rate_name", codec.read_text),
        "tax_rate": ("tax_rate", codec.read_integer),
        "tax": ("tax", codec.read_decimal),
        "from_": ("from", codec.read_instant),
        "to": ("to", codec.read_instant),
        "source": ("source", codec.read_document),
    }


@dataclass(frozen=True)
class InvoiceTaxSum(codec.Record):
    """Part of a reply."""

    __slots__ = ("name", "rate", "net", "tax")

    name: Optional[str]
    """The tax; null: none."""

    rate: int
    """Its rate, in millionths."""

    net: Decimal
    """The sum at that rate, without the tax."""

    tax: Decimal
    """The tax."""

    _members: ClassVar[codec.Members] = {
        "name": ("name", codec.read_text),
        "rate": ("rate", codec.read_integer),
        "net": ("net", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
    }


@dataclass(frozen=True)
class CreditNote(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "number", "organization_id", "invoice_id", "invoice_number", "reason", "currency", "amount", "tax", "source", "refund_id", "created_at")

    id: str
    """The credit note."""

    number: str
    """Its number, of a series of its own."""

    organization_id: str
    """Whose it is."""

    invoice_id: str
    """The invoice that it corrects."""

    invoice_number: str
    """That one's number."""

    reason: str
    """Why."""

    currency: str
    """Of the amounts."""

    amount: Decimal
    """What it takes off, tax included; below 0 where it takes back a note whose refund failed."""

    tax: Decimal
    """The tax in it: the invoice's in proportion, so that notes over all of it add up."""

    source: Optional[Mapping[str, Any]]
    """Of a monthly run: what it gives back."""

    refund_id: Optional[str]
    """Of a purchase: the refund that it documents, where it is known."""

    created_at: datetime
    """When it was issued."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "number": ("number", codec.read_text),
        "organization_id": ("organization_id", codec.read_text),
        "invoice_id": ("invoice_id", codec.read_text),
        "invoice_number": ("invoice_number", codec.read_text),
        "reason": ("reason", codec.read_text),
        "currency": ("currency", codec.read_text),
        "amount": ("amount", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "source": ("source", codec.read_document),
        "refund_id": ("refund_id", codec.read_text),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class InvoiceDetails(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "number", "kind", "period", "status", "currency", "tax_included", "subtotal", "tax", "total", "paid", "credited", "written_off", "due", "due_at", "issued_at", "paid_at", "payment_id", "reference", "refund_reference", "failed_at", "retry_at", "lines_count", "orders_count", "created_at", "pdf_url", "issuer", "customer", "lines", "taxes", "credit_notes")

    id: str
    """The invoice."""

    number: Optional[str]
    """Its number; null while it is a draft."""

    kind: Union[Literal['topup', 'run'], str]
    """A purchase of credits, or the bill of a month."""

    period: Optional[str]
    """The month that it bills, YYYY-MM; null for a purchase."""

    status: Union[Literal['draft', 'issued', 'paid', 'void', 'uncollectible'], str]
    """How far it is; only what is issued is still to be paid."""

    currency: str
    """Of all amounts."""

    tax_included: bool
    """Whether the lines' amounts include the tax."""

    subtotal: Decimal
    """The sum without tax."""

    tax: Decimal
    """The tax; once per rate on the sum of its lines, half-even to a hundredth."""

    total: Decimal
    """Both together."""

    paid: Decimal
    """What was paid."""

    credited: Decimal
    """What credit notes took off."""

    written_off: Decimal
    """What was given up as uncollectible."""

    due: Decimal
    """What is left to be paid; below 0 where more was paid than is owed."""

    due_at: Optional[datetime]
    """Until when it is to be paid."""

    issued_at: Optional[datetime]
    """When it was issued."""

    paid_at: Optional[datetime]
    """When all of it was paid."""

    payment_id: Optional[str]
    """The purchase, or the charge to a card that paid it."""

    reference: Optional[str]
    """What a payment outside was booked under."""

    refund_reference: Optional[str]
    """What was too much and was given back outside was booked under."""

    failed_at: Optional[datetime]
    """When an automatic charge for it first failed."""

    retry_at: Optional[datetime]
    """When the next automatic charge is due; null: none is."""

    lines_count: int
    """How many lines it has."""

    orders_count: int
    """How many orders it bills."""

    created_at: datetime
    """When it was drawn up."""

    pdf_url: Optional[str]
    """Where it is as a PDF, with the same token; null for a draft."""

    issuer: InvoiceParty
    """Who issues it, as it was then."""

    customer: InvoiceParty
    """Who it is for, as it was then."""

    lines: tuple[InvoiceLine, ...]
    """Its lines."""

    taxes: tuple[InvoiceTaxSum, ...]
    """The tax by its rates."""

    credit_notes: tuple[CreditNote, ...]
    """What corrects it, oldest first."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "number": ("number", codec.read_text),
        "kind": ("kind", codec.read_text),
        "period": ("period", codec.read_text),
        "status": ("status", codec.read_text),
        "currency": ("currency", codec.read_text),
        "tax_included": ("tax_included", codec.read_boolean),
        "subtotal": ("subtotal", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "total": ("total", codec.read_decimal),
        "paid": ("paid", codec.read_decimal),
        "credited": ("credited", codec.read_decimal),
        "written_off": ("written_off", codec.read_decimal),
        "due": ("due", codec.read_decimal),
        "due_at": ("due_at", codec.read_instant),
        "issued_at": ("issued_at", codec.read_instant),
        "paid_at": ("paid_at", codec.read_instant),
        "payment_id": ("payment_id", codec.read_text),
        "reference": ("reference", codec.read_text),
        "refund_reference": ("refund_reference", codec.read_text),
        "failed_at": ("failed_at", codec.read_instant),
        "retry_at": ("retry_at", codec.read_instant),
        "lines_count": ("lines_count", codec.read_integer),
        "orders_count": ("orders_count", codec.read_integer),
        "created_at": ("created_at", codec.read_instant),
        "pdf_url": ("pdf_url", codec.read_text),
        "issuer": ("issuer", codec.read_one(InvoiceParty)),
        "customer": ("customer", codec.read_one(InvoiceParty)),
        "lines": ("lines", codec.read_rows(InvoiceLine)),
        "taxes": ("taxes", codec.read_rows(InvoiceTaxSum)),
        "credit_notes": ("credit_notes", codec.read_rows(CreditNote)),
    }


@dataclass(frozen=True)
class InvoicePayment(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "status", "amount", "client_secret")

    id: str
    """The charge."""

    status: str
    """`succeeded`; `processing`: it is not known yet; `requires_action`: the card's holder has to authenticate; or `failed`."""

    amount: Decimal
    """What the card is charged."""

    client_secret: Optional[str]
    """For the processor's library in the payer's browser; only while it waits."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "status": ("status", codec.read_text),
        "amount": ("amount", codec.read_decimal),
        "client_secret": ("client_secret", codec.read_text),
    }


@dataclass(frozen=True)
class ChargedInvoice(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "number", "kind", "period", "status", "currency", "tax_included", "subtotal", "tax", "total", "paid", "credited", "written_off", "due", "due_at", "issued_at", "paid_at", "payment_id", "reference", "refund_reference", "failed_at", "retry_at", "lines_count", "orders_count", "created_at", "pdf_url", "payment")

    id: str
    """The invoice."""

    number: Optional[str]
    """Its number; null while it is a draft."""

    kind: Union[Literal['topup', 'run'], str]
    """A purchase of credits, or the bill of a month."""

    period: Optional[str]
    """The month that it bills, YYYY-MM; null for a purchase."""

    status: Union[Literal['draft', 'issued', 'paid', 'void', 'uncollectible'], str]
    """How far it is; only what is issued is still to be paid."""

    currency: str
    """Of all amounts."""

    tax_included: bool
    """Whether the lines' amounts include the tax."""

    subtotal: Decimal
    """The sum without tax."""

    tax: Decimal
    """The tax; once per rate on the sum of its lines, half-even to a hundredth."""

    total: Decimal
    """Both together."""

    paid: Decimal
    """What was paid."""

    credited: Decimal
    """What credit notes took off."""

    written_off: Decimal
    """What was given up as uncollectible."""

    due: Decimal
    """What is left to be paid; below 0 where more was paid than is owed."""

    due_at: Optional[datetime]
    """Until when it is to be paid."""

    issued_at: Optional[datetime]
    """When it was issued."""

    paid_at: Optional[datetime]
    """When all of it was paid."""

    payment_id: Optional[str]
    """The purchase, or the charge to a card that paid it."""

    reference: Optional[str]
    """What a payment outside was booked under."""

    refund_reference: Optional[str]
    """What was too much and was given back outside was booked under."""

    failed_at: Optional[datetime]
    """When an automatic charge for it first failed."""

    retry_at: Optional[datetime]
    """When the next automatic charge is due; null: none is."""

    lines_count: int
    """How many lines it has."""

    orders_count: int
    """How many orders it bills."""

    created_at: datetime
    """When it was drawn up."""

    pdf_url: Optional[str]
    """Where it is as a PDF, with the same token; null for a draft."""

    payment: InvoicePayment
    """The charge to the card."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "number": ("number", codec.read_text),
        "kind": ("kind", codec.read_text),
        "period": ("period", codec.read_text),
        "status": ("status", codec.read_text),
        "currency": ("currency", codec.read_text),
        "tax_included": ("tax_included", codec.read_boolean),
        "subtotal": ("subtotal", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "total": ("total", codec.read_decimal),
        "paid": ("paid", codec.read_decimal),
        "credited": ("credited", codec.read_decimal),
        "written_off": ("written_off", codec.read_decimal),
        "due": ("due", codec.read_decimal),
        "due_at": ("due_at", codec.read_instant),
        "issued_at": ("issued_at", codec.read_instant),
        "paid_at": ("paid_at", codec.read_instant),
        "payment_id": ("payment_id", codec.read_text),
        "reference": ("reference", codec.read_text),
        "refund_reference": ("refund_reference", codec.read_text),
        "failed_at": ("failed_at", codec.read_instant),
        "retry_at": ("retry_at", codec.read_instant),
        "lines_count": ("lines_count", codec.read_integer),
        "orders_count": ("orders_count", codec.read_integer),
        "created_at": ("created_at", codec.read_instant),
        "pdf_url": ("pdf_url", codec.read_text),
        "payment": ("payment", codec.read_one(InvoicePayment)),
    }


@dataclass(frozen=True)
class SetupSecret(codec.Record):
    """Part of a reply."""

    __slots__ = ("client_secret", "setup_intent_id", "customer_id", "env")

    client_secret: str
    """The secret that the processor's form in the browser is given."""

    setup_intent_id: str
    """The processor's name of what was begun."""

    customer_id: str
    """The processor's name of the organization."""

    env: Union[Literal['test', 'live'], str]
    """Whether real cards are charged: `live`, or else `test`."""

    _members: ClassVar[codec.Members] = {
        "client_secret": ("client_secret", codec.read_text),
        "setup_intent_id": ("setup_intent_id", codec.read_text),
        "customer_id": ("customer_id", codec.read_text),
        "env": ("env", codec.read_text),
    }


@dataclass(frozen=True)
class PaymentMethod(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "provider", "brand", "last4", "exp_month", "exp_year", "isDefault", "created_at")

    id: str
    """The payment method's id here."""

    provider: str
    """The card processor that keeps it."""

    brand: str
    """The card's brand, as the processor writes it."""

    last4: str
    """The last four digits of its number."""

    exp_month: int
    """The month it expires in, 1 to 12."""

    exp_year: int
    """The year it expires in."""

    isDefault: bool
    """Whether it is charged when no other is named."""

    created_at: datetime
    """When it was attached."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "provider": ("provider", codec.read_text),
        "brand": ("brand", codec.read_text),
        "last4": ("last4", codec.read_text),
        "exp_month": ("exp_month", codec.read_integer),
        "exp_year": ("exp_year", codec.read_integer),
        "isDefault": ("isDefault", codec.read_boolean),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class Detached(codec.Record):
    """Part of a reply."""

    __slots__ = ("ok", "id")

    ok: bool
    """It can't be charged any longer."""

    id: str
    """The payment method."""

    _members: ClassVar[codec.Members] = {
        "ok": ("ok", codec.read_boolean),
        "id": ("id", codec.read_text),
    }


@dataclass(frozen=True)
class Approval(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "organization_id", "credits", "amount", "currency", "status", "requested_by", "requested_at", "expires_at", "decided_by", "decided_at", "reason", "topup_id", "last_error")

    id: str
    """The approval."""

    organization_id: str
    """Who buys."""

    credits: int
    """How many credits."""

    amount: Decimal
    """What the card is charged for them, tax included."""

    currency: str
    """Of the amount."""

    status: Union[Literal['pending', 'approved', 'rejected', 'expired'], str]
    """What became of it. It stays `pending` while its charge is in flight: `topup_id` is set then."""

    requested_by: str
    """The person or key that asked."""

    requested_at: datetime
    """When."""

    expires_at: datetime
    """Until when it can be decided; a charge in flight is waited for."""

    decided_by: Optional[str]
    """The person who approved or rejected it."""

    decided_at: Optional[datetime]
    """When that took effect."""

    reason: Optional[str]
    """Why it was rejected, where the person said so."""

    topup_id: Optional[str]
    """The purchase in flight, or that succeeded."""

    last_error: Optional[str]
    """Why the last charge failed; another one can be tried."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "organization_id": ("organization_id", codec.read_text),
        "credits": ("credits", codec.read_integer),
        "amount": ("amount", codec.read_decimal),
        "currency": ("currency", codec.read_text),
        "status": ("status", codec.read_text),
        "requested_by": ("requested_by", codec.read_text),
        "requested_at": ("requested_at", codec.read_instant),
        "expires_at": ("expires_at", codec.read_instant),
        "decided_by": ("decided_by", codec.read_text),
        "decided_at": ("decided_at", codec.read_instant),
        "reason": ("reason", codec.read_text),
        "topup_id": ("topup_id", codec.read_text),
        "last_error": ("last_error", codec.read_text),
    }


@dataclass(frozen=True)
class AutoTopup(codec.Record):
    """Part of a reply."""

    __slots__ = ("enabled", "threshold_credits", "topup_amount_credits", "daily_charge_cap_aud", "charged_today_aud", "state", "last_attempt_at", "last_error")

    enabled: bool
    """Whether credits are bought by themselves; false where it was never set."""

    threshold_credits: Optional[int]
    """Below so many available credits; null where it was never set."""

    topup_amount_credits: Optional[int]
    """In multiples of so many; null where it was never set."""

    daily_charge_cap_aud: Optional[Decimal]
    """What a day's charges may reach; null: no cap."""

    charged_today_aud: Decimal
    """What they have reached since midnight in the organization's time zone."""

    state: Union[Literal['active', 'paused', 'off'], str]
    """`paused` until a person sets it anew; `off` where it is not enabled."""

    last_attempt_at: Optional[datetime]
    """When a card was last charged for it."""

    last_error: Optional[str]
    """Why nothing is charged at present."""

    _members: ClassVar[codec.Members] = {
        "enabled": ("enabled", codec.read_boolean),
        "threshold_credits": ("threshold_credits", codec.read_integer),
        "topup_amount_credits": ("topup_amount_credits", codec.read_integer),
        "daily_charge_cap_aud": ("daily_charge_cap_aud", codec.read_decimal),
        "charged_today_aud": ("charged_today_aud", codec.read_decimal),
        "state": ("state", codec.read_text),
        "last_attempt_at": ("last_attempt_at", codec.read_instant),
        "last_error": ("last_error", codec.read_text),
    }


@dataclass(frozen=True)
class ProviderInvoice(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "number", "status", "currency", "amount_due", "amount_paid", "created", "hosted_invoice_url", "pdf_url")

    id: str
    """The processor's id of it."""

    number: Optional[str]
    """Its number; null while it is a draft."""

    status: str
    """The processor's word for its state."""

    currency: str
    """Of the amounts."""

    amount_due: Decimal
    """What it asks for."""

    amount_paid: Decimal
    """What was paid of it."""

    created: datetime
    """When it was made."""

    hosted_invoice_url: Optional[str]
    """A page that shows it."""

    pdf_url: Optional[str]
    """It as a PDF."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "number": ("number", codec.read_text),
        "status": ("status", codec.read_text),
        "currency": ("currency", codec.read_text),
        "amount_due": ("amount_due", codec.read_decimal),
        "amount_paid": ("amount_paid", codec.read_decimal),
        "created": ("created", codec.read_instant),
        "hosted_invoice_url": ("hosted_invoice_url", codec.read_text),
        "pdf_url": ("pdf_url", codec.read_text),
    }


@dataclass(frozen=True)
class Invoices(codec.Record):
    """Part of a reply."""

    __slots__ = ("data", "degraded")

    data: tuple[ProviderInvoice, ...]
    """The invoices."""

    degraded: bool
    """The processor could not be asked, so that there may be some that are not shown."""

    _members: ClassVar[codec.Members] = {
        "data": ("data", codec.read_rows(ProviderInvoice)),
        "degraded": ("degraded", codec.read_boolean),
    }


@dataclass(frozen=True)
class Receipt(codec.Record):
    """Part of a reply."""

    __slots__ = ("received",)

    received: bool
    """The event is taken in, or is of no interest, or was taken in before."""

    _members: ClassVar[codec.Members] = {
        "received": ("received", codec.read_boolean),
    }


@dataclass(frozen=True)
class PlanPrice(codec.Record):
    """Part of a reply."""

    __slots__ = ("price_id", "amount")

    price_id: str
    """What to start a subscription with."""

    amount: Decimal
    """The price of a cycle."""

    _members: ClassVar[codec.Members] = {
        "price_id": ("price_id", codec.read_text),
        "amount": ("amount", codec.read_decimal),
    }


@dataclass(frozen=True)
class Plan(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "product", "name", "tier", "version", "status", "currency", "monthly", "yearly", "features", "quotas", "trial_days")

    id: str
    """The plan's id; every version has its own."""

    product: Union[Literal['platform', 'spaces'], str]
    """What it is a plan of."""

    name: str
    """Its name."""

    tier: str
    """Its place among the plans of the product."""

    version: int
    """Counts the versions of this tier."""

    status: Union[Literal['draft', 'published', 'retired'], str]
    """Whether it can be subscribed to: a draft not yet, a retired one no more."""

    currency: str
    """The currency of its prices."""

    monthly: Optional[PlanPrice]
    """The price by the month; null where it is not sold so."""

    yearly: Optional[PlanPrice]
    """The price by the year; null where it is not sold so."""

    features: Optional[Mapping[str, Any]]
    """Features by name: a boolean, an integer or a string."""

    quotas: Optional[Mapping[str, Any]]
    """By metric: units included in a cycle, and the price of one more (null: none is sold)."""

    trial_days: int
    """Days that are free at first."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "product": ("product", codec.read_text),
        "name": ("name", codec.read_text),
        "tier": ("tier", codec.read_text),
        "version": ("version", codec.read_integer),
        "status": ("status", codec.read_text),
        "currency": ("currency", codec.read_text),
        "monthly": ("monthly", codec.read_one(PlanPrice)),
        "yearly": ("yearly", codec.read_one(PlanPrice)),
        "features": ("features", codec.read_document),
        "quotas": ("quotas", codec.read_document),
        "trial_days": ("trial_days", codec.read_integer),
    }


@dataclass(frozen=True)
class SubscriptionPeriod(codec.Record):
    """Part of a reply."""

    __slots__ = ("start", "end")

    start: datetime
    """Its first moment."""

    end: datetime
    """The next one's first moment."""

    _members: ClassVar[codec.Members] = {
        "start": ("start", codec.read_instant),
        "end": ("end", codec.read_instant),
    }


@dataclass(frozen=True)
class SubscriptionWaiting(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "status", "client_secret")

    id: str
    """The payment; a top-up, for those who list them."""

    status: Union[Literal['processing', 'requires_action', 'succeeded', 'failed'], str]
    """How far it is."""

    client_secret: Optional[str]
    """For the processor's library in the browser of the card's holder; only while it waits for that person."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "status": ("status", codec.read_text),
        "client_secret": ("client_secret", codec.read_text),
    }


@dataclass(frozen=True)
class SubscriptionNext(codec.Record):
    """Part of a reply."""

    __slots__ = ("plan_id", "price_id", "cycle", "seats")

    plan_id: str
    """The plan."""

    price_id: Optional[str]
    """Its price."""

    cycle: Union[Literal['monthly', 'yearly'], str]
    """How it is paid."""

    seats: int
    """How many seats."""

    _members: ClassVar[codec.Members] = {
        "plan_id": ("plan_id", codec.read_text),
        "price_id": ("price_id", codec.read_text),
        "cycle": ("cycle", codec.read_text),
        "seats": ("seats", codec.read_integer),
    }


@dataclass(frozen=True)
class Subscription(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "product", "plan_id", "price_id", "cycle", "seats", "status", "period", "trial_end", "cancel_at", "pause_reason", "payment", "next_change")

    id: str
    """The subscription."""

    product: Union[Literal['platform', 'spaces'], str]
    """What it is a subscription to."""

    plan_id: str
    """The version of the plan that it keeps until it is changed."""

    price_id: Optional[str]
    """Its price."""

    cycle: Union[Literal['monthly', 'yearly'], str]
    """How it is paid."""

    seats: int
    """How many times the price is paid."""

    status: Union[Literal['incomplete', 'trialing', 'active', 'past_due', 'paused', 'cancelled'], str]
    """`incomplete`: the first fee waits for its payment."""

    period: SubscriptionPeriod
    """What the present fee is for, or the trial."""

    trial_end: Optional[datetime]
    """When the trial ends, or ended."""

    cancel_at: Optional[datetime]
    """When it ends, where that is known."""

    pause_reason: Optional[Mapping[str, Any]]
    """While paused: the invoices that were not paid."""

    payment: Optional[SubscriptionWaiting]
    """The card payment that it waits for."""

    next_change: Optional[SubscriptionNext]
    """What it becomes when that is paid."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "product": ("product", codec.read_text),
        "plan_id": ("plan_id", codec.read_text),
        "price_id": ("price_id", codec.read_text),
        "cycle": ("cycle", codec.read_text),
        "seats": ("seats", codec.read_integer),
        "status": ("status", codec.read_text),
        "period": ("period", codec.read_one(SubscriptionPeriod)),
        "trial_end": ("trial_end", codec.read_instant),
        "cancel_at": ("cancel_at", codec.read_instant),
        "pause_reason": ("pause_reason", codec.read_document),
        "payment": ("payment", codec.read_one(SubscriptionWaiting)),
        "next_change": ("next_change", codec.read_one(SubscriptionNext)),
    }


@dataclass(frozen=True)
class CardCharge(codec.Record):
    """Part of a reply."""

    __slots__ = ("amount", "tax", "currency")

    amount: Decimal
    """What the card is charged, tax included."""

    tax: Decimal
    """The tax in it."""

    currency: str
    """Of both."""

    _members: ClassVar[codec.Members] = {
        "amount": ("amount", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "currency": ("currency", codec.read_text),
    }


@dataclass(frozen=True)
class FeeLine(codec.Record):
    """Part of a reply."""

    __slots__ = ("description", "from_", "to", "seconds", "of_seconds", "credits")

    description: str
    """What for."""

    from_: datetime
    """From when on."""

    to: datetime
    """Until when."""

    seconds: int
    """How long that is, in seconds of the clock."""

    of_seconds: int
    """How long the whole price is for; the rest is rounded half-even to a credit."""

    credits: int
    """Credits; negative where they are given back."""

    _members: ClassVar[codec.Members] = {
        "description": ("description", codec.read_text),
        "from_": ("from", codec.read_instant),
        "to": ("to", codec.read_instant),
        "seconds": ("seconds", codec.read_integer),
        "of_seconds": ("of_seconds", codec.read_integer),
        "credits": ("credits", codec.read_integer),
    }


@dataclass(frozen=True)
class TurnPreview(codec.Record):
    """Part of a reply."""

    __slots__ = ("charge_credits", "charge", "credit_back", "paid_from", "period", "lines", "subscription")

    charge_credits: int
    """Credits that it costs now."""

    charge: Optional[CardCharge]
    """What the default card is charged; null where it is not."""

    credit_back: int
    """Credits that come back."""

    paid_from: Optional[Union[Literal['available', 'card', 'account'], str]]
    """Where the credits come from; null where it costs none."""

    period: SubscriptionPeriod
    """The period behind it."""

    lines: tuple[FeeLine, ...]
    """What the credits are the sum of."""

    subscription: Subscription
    """The subscription behind it."""

    _members: ClassVar[codec.Members] = {
        "charge_credits": ("charge_credits", codec.read_integer),
        "charge": ("charge", codec.read_one(CardCharge)),
        "credit_back": ("credit_back", codec.read_integer),
        "paid_from": ("paid_from", codec.read_text),
        "period": ("period", codec.read_one(SubscriptionPeriod)),
        "lines": ("lines", codec.read_rows(FeeLine)),
        "subscription": ("subscription", codec.read_one(Subscription)),
    }


@dataclass(frozen=True)
class RunStep(codec.Record):
    """Part of a reply."""

    __slots__ = ("name", "status", "detail")

    name: str
    """The step."""

    status: Union[Literal['done', 'skipped', 'parked', 'waiting'], str]
    """`skipped`: there was nothing to do; `parked`: it waits for an operator; `waiting`: for a payment."""

    detail: Optional[str]
    """What was done, or why not."""

    _members: ClassVar[codec.Members] = {
        "name": ("name", codec.read_text),
        "status": ("status", codec.read_text),
        "detail": ("detail", codec.read_text),
    }


@dataclass(frozen=True)
class RunTotals(codec.Record):
    """Part of a reply."""

    __slots__ = ("currency", "lines", "orders", "credits", "subtotal", "tax", "total")

    currency: str
    """Of the amounts."""

    lines: int
    """How many lines the month comes to."""

    orders: int
    """How many orders are in them."""

    credits: int
    """Credits that were taken from those available."""

    subtotal: Decimal
    """Of the invoice, without tax."""

    tax: Decimal
    """Of the invoice."""

    total: Decimal
    """Of the invoice, with tax."""

    _members: ClassVar[codec.Members] = {
        "currency": ("currency", codec.read_text),
        "lines": ("lines", codec.read_integer),
        "orders": ("orders", codec.read_integer),
        "credits": ("credits", codec.read_integer),
        "subtotal": ("subtotal", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "total": ("total", codec.read_decimal),
    }


@dataclass(frozen=True)
class MonthlyRun(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "period", "status", "invoice_id", "digest", "steps", "totals", "problem")

    organization_id: str
    """Whose month it is."""

    period: str
    """The month."""

    status: Union[Literal['completed', 'nothing_to_do', 'failed'], str]
    """What became of it; `failed` can be run again."""

    invoice_id: Optional[str]
    """The invoice of what credits did not pay; null where there is none."""

    digest: Optional[str]
    """SHA-256 over the lines in their order, in hexadecimal digits; running it again has to find the same."""

    steps: tuple[RunStep, ...]
    """What was done, step by step."""

    totals: RunTotals
    """What it comes to."""

    problem: Optional[str]
    """Why it failed; null where it did not."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "period": ("period", codec.read_text),
        "status": ("status", codec.read_text),
        "invoice_id": ("invoice_id", codec.read_text),
        "digest": ("digest", codec.read_text),
        "steps": ("steps", codec.read_rows(RunStep)),
        "totals": ("totals", codec.read_one(RunTotals)),
        "problem": ("problem", codec.read_text),
    }


@dataclass(frozen=True)
class RunLine(codec.Record):
    """Part of a reply."""

    __slots__ = ("position", "kind", "description", "quantity", "unit", "unit_price", "credits", "amount", "paid_from", "from_at", "to_at", "source")

    position: int
    """Its place among the run's lines; from 1."""

    kind: str
    """What kind of thing is billed."""

    description: str
    """What for."""

    quantity: Optional[Decimal]
    """How much of it."""

    unit: Optional[str]
    """Of what."""

    unit_price: Optional[Decimal]
    """For one, in the organization's currency."""

    credits: Optional[int]
    """What it comes to in credits."""

    amount: Decimal
    """What it comes to in money, exact."""

    paid_from: str
    """`available`: its credits were taken; `account`: it is owed, and invoiced; `invoice`: it is invoiced."""

    from_at: Optional[datetime]
    """From when on."""

    to_at: Optional[datetime]
    """Until when."""

    source: Optional[Mapping[str, Any]]
    """What it was computed from."""

    _members: ClassVar[codec.Members] = {
        "position": ("position", codec.read_integer),
        "kind": ("kind", codec.read_text),
        "description": ("description", codec.read_text),
        "quantity": ("quantity", codec.read_decimal),
        "unit": ("unit", codec.read_text),
        "unit_price": ("unit_price", codec.read_decimal),
        "credits": ("credits", codec.read_integer),
        "amount": ("amount", codec.read_decimal),
        "paid_from": ("paid_from", codec.read_text),
        "from_at": ("from_at", codec.read_instant),
        "to_at": ("to_at", codec.read_instant),
        "source": ("source", codec.read_document),
    }


@dataclass(frozen=True)
class PreviewedRun(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "period", "status", "invoice_id", "digest", "steps", "totals", "problem", "lines")

    organization_id: str
    """Whose month it is."""

    period: str
    """The month."""

    status: Union[Literal['completed', 'nothing_to_do', 'failed'], str]
    """What became of it; `failed` can be run again."""

    invoice_id: Optional[str]
    """The invoice of what credits did not pay; null where there is none."""

    digest: Optional[str]
    """SHA-256 over the lines in their order, in hexadecimal digits; running it again has to find the same."""

    steps: tuple[RunStep, ...]
    """What was done, step by step."""

    totals: RunTotals
    """What it comes to."""

    problem: Optional[str]
    """Why it failed; null where it did not."""

    lines: tuple[RunLine, ...]
    """What it comes to, line by line."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "period": ("period", codec.read_text),
        "status": ("status", codec.read_text),
        "invoice_id": ("invoice_id", codec.read_text),
        "digest": ("digest", codec.read_text),
        "steps": ("steps", codec.read_rows(RunStep)),
        "totals": ("totals", codec.read_one(RunTotals)),
        "problem": ("problem", codec.read_text),
        "lines": ("lines", codec.read_rows(RunLine)),
    }


@dataclass(frozen=True)
class PreviewedInvoice(codec.Record):
    """Part of a reply."""

    __slots__ = ("period", "currency", "tax_included", "subtotal", "tax", "total", "lines_count", "orders_count", "credits", "lines", "taxes")

    period: str
    """The month."""

    currency: str
    """Of the amounts."""

    tax_included: bool
    """Whether the lines' amounts hold the tax."""

    subtotal: Decimal
    """Without tax."""

    tax: Decimal
    """The tax."""

    total: Decimal
    """Both."""

    lines_count: int
    """How many lines there are."""

    orders_count: int
    """How many orders are in them."""

    credits: int
    """Credits that pay what stands on no invoice."""

    lines: tuple[InvoiceLine, ...]
    """The lines."""

    taxes: tuple[InvoiceTaxSum, ...]
    """The sum at each rate."""

    _members: ClassVar[codec.Members] = {
        "period": ("period", codec.read_text),
        "currency": ("currency", codec.read_text),
        "tax_included": ("tax_included", codec.read_boolean),
        "subtotal": ("subtotal", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "total": ("total", codec.read_decimal),
        "lines_count": ("lines_count", codec.read_integer),
        "orders_count": ("orders_count", codec.read_integer),
        "credits": ("credits", codec.read_integer),
        "lines": ("lines", codec.read_rows(InvoiceLine)),
        "taxes": ("taxes", codec.read_rows(InvoiceTaxSum)),
    }


@dataclass(frozen=True)
class ListedRun(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "period", "status", "next_step", "problem", "invoice_id", "digest", "currency", "lines", "orders", "credits", "subtotal", "tax", "total", "started_at", "finished_at")

    organization_id: str
    """Whose month it is."""

    period: str
    """The month."""

    status: Union[Literal['running', 'completed', 'nothing_to_do', 'failed'], str]
    """How far it is; what is `failed` waits until somebody runs it again."""

    next_step: Optional[str]
    """The step that it goes on with; null where it has ended."""

    problem: Optional[str]
    """Why it failed; null where it did not."""

    invoice_id: Optional[str]
    """The invoice; null where there is none."""

    digest: Optional[str]
    """SHA-256 over its lines; null before it has ended."""

    currency: str
    """Of the amounts."""

    lines: int
    """How many lines the month comes to."""

    orders: int
    """How many orders are in them."""

    credits: int
    """Credits that were taken from those available."""

    subtotal: Decimal
    """Of the invoice, without tax."""

    tax: Decimal
    """Of the invoice."""

    total: Decimal
    """Of the invoice, with tax."""

    started_at: datetime
    """When it was begun."""

    finished_at: Optional[datetime]
    """When it ended, or failed."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "period": ("period", codec.read_text),
        "status": ("status", codec.read_text),
        "next_step": ("next_step", codec.read_text),
        "problem": ("problem", codec.read_text),
        "invoice_id": ("invoice_id", codec.read_text),
        "digest": ("digest", codec.read_text),
        "currency": ("currency", codec.read_text),
        "lines": ("lines", codec.read_integer),
        "orders": ("orders", codec.read_integer),
        "credits": ("credits", codec.read_integer),
        "subtotal": ("subtotal", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "total": ("total", codec.read_decimal),
        "started_at": ("started_at", codec.read_instant),
        "finished_at": ("finished_at", codec.read_instant),
    }


@dataclass(frozen=True)
class RunProgress(codec.Record):
    """Part of a reply."""

    __slots__ = ("period", "total", "done", "failed")

    period: str
    """The month."""

    total: int
    """Organizations that were there by its end."""

    done: int
    """Of them, whose month is run."""

    failed: int
    """Of them, whose run has failed, or is parked."""

    _members: ClassVar[codec.Members] = {
        "period": ("period", codec.read_text),
        "total": ("total", codec.read_integer),
        "done": ("done", codec.read_integer),
        "failed": ("failed", codec.read_integer),
    }


@dataclass(frozen=True)
class UsageRejection(codec.Record):
    """Part of a reply."""

    __slots__ = ("index", "pointer", "detail")

    index: int
    """The event's place in the body, from 0; empty lines do not count."""

    pointer: str
    """Where in the event the fault is."""

    detail: str
    """What is wrong."""

    _members: ClassVar[codec.Members] = {
        "index": ("index", codec.read_integer),
        "pointer": ("pointer", codec.read_text),
        "detail": ("detail", codec.read_text),
    }


@dataclass(frozen=True)
class UsageRecorded(codec.Record):
    """Part of a reply."""

    __slots__ = ("accepted", "duplicates", "rejected_total", "rejected")

    accepted: int
    """Events that were new, and are counted now."""

    duplicates: int
    """Events that were counted before, or stand in the body before."""

    rejected_total: int
    """Events that can't be counted."""

    rejected: tuple[UsageRejection, ...]
    """The first 1,000 of those, and why."""

    _members: ClassVar[codec.Members] = {
        "accepted": ("accepted", codec.read_integer),
        "duplicates": ("duplicates", codec.read_integer),
        "rejected_total": ("rejected_total", codec.read_integer),
        "rejected": ("rejected", codec.read_rows(UsageRejection)),
    }


@dataclass(frozen=True)
class Authorization(codec.Record):
    """Part of a reply."""

    __slots__ = ("allowed", "remaining", "reason", "hold_id")

    allowed: bool
    """Whether it may be used."""

    remaining: Optional[Decimal]
    """What is left of the cycle's quota, when what is held is taken off; null where the plan has no quota of it."""

    reason: Optional[Union[Literal['quota_exceeded', 'insufficient_credits', 'limit_reached'], str]]
    """Why not; only where it may not."""

    hold_id: Optional[str]
    """What to commit or release; only where it is held."""

    _members: ClassVar[codec.Members] = {
        "allowed": ("allowed", codec.read_boolean),
        "remaining": ("remaining", codec.read_decimal),
        "reason": ("reason", codec.read_text),
        "hold_id": ("hold_id", codec.read_text),
    }


@dataclass(frozen=True)
class EndedHold(codec.Record):
    """Part of a reply."""

    __slots__ = ("hold_id", "status", "quantity", "credits")

    hold_id: str
    """The hold."""

    status: Union[Literal['committed', 'released', 'lapsed'], str]
    """What became of it."""

    quantity: Decimal
    """How much was used."""

    credits: int
    """What was charged for it."""

    _members: ClassVar[codec.Members] = {
        "hold_id": ("hold_id", codec.read_text),
        "status": ("status", codec.read_text),
        "quantity": ("quantity", codec.read_decimal),
        "credits": ("credits", codec.read_integer),
    }


@dataclass(frozen=True)
class UsageCycleShown(codec.Record):
    """Part of a reply."""

    __slots__ = ("start", "end")

    start: datetime
    """When it began."""

    end: datetime
    """When the next one begins."""

    _members: ClassVar[codec.Members] = {
        "start": ("start", codec.read_instant),
        "end": ("end", codec.read_instant),
    }


@dataclass(frozen=True)
class UsagePart(codec.Record):
    """Part of a reply."""

    __slots__ = ("service", "operator", "used", "events", "cost", "saving")

    service: str
    """The service; empty where none was named."""

    operator: str
    """The operator; empty where none was named."""

    used: Decimal
    """How much was used, in the metric's unit."""

    events: int
    """By how many events."""

    cost: Decimal
    """What that cost, as senders say, in the organization's currency."""

    saving: Decimal
    """What it saved."""

    _members: ClassVar[codec.Members] = {
        "service": ("service", codec.read_text),
        "operator": ("operator", codec.read_text),
        "used": ("used", codec.read_decimal),
        "events": ("events", codec.read_integer),
        "cost": ("cost", codec.read_decimal),
        "saving": ("saving", codec.read_decimal),
    }


@dataclass(frozen=True)
class UsageOfMetric(codec.Record):
    """Part of a reply."""

    __slots__ = ("metric", "aggregation", "unit", "used", "held", "included", "remaining", "overage", "events", "cost", "saving", "charged", "by_service")

    metric: str
    """The metric."""

    aggregation: Union[Literal['sum', 'count', 'max', 'last', 'unique'], str]
    """How events make its value."""

    unit: str
    """What one of it is."""

    used: Decimal
    """How much was used."""

    held: Decimal
    """How much is held for what is about to be used."""

    included: Optional[int]
    """What the plan includes in a cycle; null: there is no quota."""

    remaining: Optional[Decimal]
    """What is left of that, without what is held; null without a quota."""

    overage: Decimal
    """What was used beyond it, by the plan that was in force as it was used."""

    events: int
    """By how many events."""

    cost: Decimal
    """What that cost, as senders say, in the organization's currency."""

    saving: Decimal
    """What it saved."""

    charged: int
    """Credits that were taken for it, of a metric with a price."""

    by_service: tuple[UsagePart, ...]
    """The same by service and operator; of all metrics the first 1,000 rows, by name."""

    _members: ClassVar[codec.Members] = {
        "metric": ("metric", codec.read_text),
        "aggregation": ("aggregation", codec.read_text),
        "unit": ("unit", codec.read_text),
        "used": ("used", codec.read_decimal),
        "held": ("held", codec.read_decimal),
        "included": ("included", codec.read_integer),
        "remaining": ("remaining", codec.read_decimal),
        "overage": ("overage", codec.read_decimal),
        "events": ("events", codec.read_integer),
        "cost": ("cost", codec.read_decimal),
        "saving": ("saving", codec.read_decimal),
        "charged": ("charged", codec.read_integer),
        "by_service": ("by_service", codec.read_rows(UsagePart)),
    }


@dataclass(frozen=True)
class UsageCurrent(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "cycle", "metrics")

    organization_id: str
    """The organization."""

    cycle: UsageCycleShown
    """The running cycle."""

    metrics: tuple[UsageOfMetric, ...]
    """Every metric that was used in it, or has a quota in the plan, by name."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "cycle": ("cycle", codec.read_one(UsageCycleShown)),
        "metrics": ("metrics", codec.read_rows(UsageOfMetric)),
    }


@dataclass(frozen=True)
class UsagePast(codec.Record):
    """Part of a reply."""

    __slots__ = ("start", "end", "day", "metric", "aggregation", "unit", "used", "events", "cost", "saving", "included", "late")

    start: datetime
    """When the cycle began."""

    end: datetime
    """When it ended, or will."""

    day: Optional[str]
    """The day in the organization's time zone; null in a row of a whole cycle."""

    metric: str
    """The metric."""

    aggregation: Union[Literal['sum', 'count', 'max', 'last', 'unique'], str]
    """How events make its value."""

    unit: str
    """What one of it is."""

    used: Decimal
    """How much was used."""

    events: int
    """By how many events."""

    cost: Decimal
    """What that cost, as senders say, in the organization's currency."""

    saving: Decimal
    """What it saved."""

    included: Optional[int]
    """What the cycle's plan included; null without a quota, and in a day's row."""

    late: Optional[Decimal]
    """What of it came after the cycle was closed; null in a day's row."""

    _members: ClassVar[codec.Members] = {
        "start": ("start", codec.read_instant),
        "end": ("end", codec.read_instant),
        "day": ("day", codec.read_text),
        "metric": ("metric", codec.read_text),
        "aggregation": ("aggregation", codec.read_text),
        "unit": ("unit", codec.read_text),
        "used": ("used", codec.read_decimal),
        "events": ("events", codec.read_integer),
        "cost": ("cost", codec.read_decimal),
        "saving": ("saving", codec.read_decimal),
        "included": ("included", codec.read_integer),
        "late": ("late", codec.read_decimal),
    }


@dataclass(frozen=True)
class UsageMetric(codec.Record):
    """Part of a reply."""

    __slots__ = ("name", "aggregation", "unit", "property", "unit_credits", "created_at")

    name: str
    """What events call it."""

    aggregation: Union[Literal['sum', 'count', 'max', 'last', 'unique'], str]
    """How events make its value."""

    unit: str
    """What one of it is."""

    property: Optional[str]
    """Of `unique`: the property whose different values are counted."""

    unit_credits: Optional[Decimal]
    """Credits for one unit, charged as it is used; null: it is not."""

    created_at: datetime
    """When it was made."""

    _members: ClassVar[codec.Members] = {
        "name": ("name", codec.read_text),
        "aggregation": ("aggregation", codec.read_text),
        "unit": ("unit", codec.read_text),
        "property": ("property", codec.read_text),
        "unit_credits": ("unit_credits", codec.read_decimal),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class NewApiKey(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "key", "prefix", "name", "permissions", "rate_limit", "expires_at", "created_at")

    id: str
    """The key's id; not a secret."""

    key: str
    """The token itself. It is shown here and never again."""

    prefix: str
    """How the token begins, to recognize it by."""

    name: str
    """What the key is for."""

    permissions: tuple[str, ...]
    """Scopes and wildcards the key holds."""

    rate_limit: Optional[int]
    """Requests a minute of this key alone; none of its own when null."""

    expires_at: Optional[datetime]
    """From then on the key is refused; never when null."""

    created_at: datetime
    """When the key was made."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "key": ("key", codec.read_text),
        "prefix": ("prefix", codec.read_text),
        "name": ("name", codec.read_text),
        "permissions": ("permissions", codec.read_texts),
        "rate_limit": ("rate_limit", codec.read_integer),
        "expires_at": ("expires_at", codec.read_instant),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class ApiKey(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "prefix", "name", "permissions", "rate_limit", "expires_at", "revoked_at", "last_used_at", "created_at", "replaced_by")

    id: str
    """The key's id; not a secret."""

    prefix: str
    """How the token begins, to recognize it by."""

    name: str
    """What the key is for."""

    permissions: tuple[str, ...]
    """Scopes and wildcards the key holds."""

    rate_limit: Optional[int]
    """Requests a minute of this key alone; none of its own when null."""

    expires_at: Optional[datetime]
    """From then on the key is refused; never when null."""

    revoked_at: Optional[datetime]
    """When the key was revoked; it works while null."""

    last_used_at: Optional[datetime]
    """When the key was last accepted, to about a minute."""

    created_at: datetime
    """When the key was made."""

    replaced_by: Optional[str]
    """The key that a rotation put in its place, or null."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "prefix": ("prefix", codec.read_text),
        "name": ("name", codec.read_text),
        "permissions": ("permissions", codec.read_texts),
        "rate_limit": ("rate_limit", codec.read_integer),
        "expires_at": ("expires_at", codec.read_instant),
        "revoked_at": ("revoked_at", codec.read_instant),
        "last_used_at": ("last_used_at", codec.read_instant),
        "created_at": ("created_at", codec.read_instant),
        "replaced_by": ("replaced_by", codec.read_text),
    }


@dataclass(frozen=True)
class Revoked(codec.Record):
    """Part of a reply."""

    __slots__ = ("ok", "id")

    ok: bool
    """The key is dead, in every worker."""

    id: str
    """The key."""

    _members: ClassVar[codec.Members] = {
        "ok": ("ok", codec.read_boolean),
        "id": ("id", codec.read_text),
    }


@dataclass(frozen=True)
class CreatedUser(codec.Record):
    """Part of a reply."""

    __slots__ = ("id",)

    id: str
    """The person's id."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
    }


@dataclass(frozen=True)
class Whoami(codec.Record):
    """Part of a reply."""

    __slots__ = ("principal_type", "principal_id", "organization", "role", "scopes", "expires_at")

    principal_type: Union[Literal['api_key', 'operator', 'user'], str]
    """What the token stands for."""

    principal_id: str
    """The id of the key or the person."""

    organization: Optional[OrganizationTiny]
    """The organization that it acts for, or null."""

    role: Optional[Union[Literal['owner', 'admin', 'billing', 'member', 'viewer'], str]]
    """The person's role there, or null."""

    scopes: tuple[str, ...]
    """The scopes that it holds."""

    expires_at: Optional[datetime]
    """From then on the token is refused; never when null."""

    _members: ClassVar[codec.Members] = {
        "principal_type": ("principal_type", codec.read_text),
        "principal_id": ("principal_id", codec.read_text),
        "organization": ("organization", codec.read_one(OrganizationTiny)),
        "role": ("role", codec.read_text),
        "scopes": ("scopes", codec.read_texts),
        "expires_at": ("expires_at", codec.read_instant),
    }


@dataclass(frozen=True)
class SessionTokens(codec.Record):
    """Part of a reply."""

    __slots__ = ("access_token", "refresh_token", "token_type", "expires_in", "scope", "organization_id")

    access_token: str
    """The token to call with."""

    refresh_token: str
    """Gives new tokens, once; keep it apart."""

    token_type: str
    """How the access token is sent: `Bearer`."""

    expires_in: int
    """Seconds until the access token is refused."""

    scope: str
    """The scopes that the session holds, separated by blanks."""

    organization_id: Optional[str]
    """The organization that the session acts for, or null."""

    _members: ClassVar[codec.Members] = {
        "access_token": ("access_token", codec.read_text),
        "refresh_token": ("refresh_token", codec.read_text),
        "token_type": ("token_type", codec.read_text),
        "expires_in": ("expires_in", codec.read_integer),
        "scope": ("scope", codec.read_text),
        "organization_id": ("organization_id", codec.read_text),
    }


@dataclass(frozen=True)
class Session(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "current", "organization_id", "address", "user_agent", "created_at", "refreshed_at", "expires_at")

    id: str
    """The session's id."""

    current: bool
    """Whether this request came by it."""

    organization_id: Optional[str]
    """The organization it acts for, or null."""

    address: Optional[str]
    """From where the person signed in."""

    user_agent: Optional[str]
    """With what, as the program called itself."""

    created_at: datetime
    """When the person signed in."""

    refreshed_at: datetime
    """When it was refreshed last."""

    expires_at: datetime
    """Until when it can be refreshed."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "current": ("current", codec.read_boolean),
        "organization_id": ("organization_id", codec.read_text),
        "address": ("address", codec.read_text),
        "user_agent": ("user_agent", codec.read_text),
        "created_at": ("created_at", codec.read_instant),
        "refreshed_at": ("refreshed_at", codec.read_instant),
        "expires_at": ("expires_at", codec.read_instant),
    }


@dataclass(frozen=True)
class RevokedSessions(codec.Record):
    """Part of a reply."""

    __slots__ = ("ok", "id", "ended")

    ok: bool
    """What was named has ended, in every worker."""

    id: Optional[str]
    """The session; null where all others were meant."""

    ended: int
    """How many sessions ended by this request."""

    _members: ClassVar[codec.Members] = {
        "ok": ("ok", codec.read_boolean),
        "id": ("id", codec.read_text),
        "ended": ("ended", codec.read_integer),
    }


@dataclass(frozen=True)
class Switched(codec.Record):
    """Part of a reply."""

    __slots__ = ("session_id", "organization", "role", "scope")

    session_id: str
    """The session; all its tokens act for the organization from now on."""

    organization: OrganizationTiny
    """The organization it acts for."""

    role: Union[Literal['owner', 'admin', 'billing', 'member', 'viewer'], str]
    """Your role there."""

    scope: str
    """The scopes that the session holds there, separated by blanks."""

    _members: ClassVar[codec.Members] = {
        "session_id": ("session_id", codec.read_text),
        "organization": ("organization", codec.read_one(OrganizationTiny)),
        "role": ("role", codec.read_text),
        "scope": ("scope", codec.read_text),
    }


@dataclass(frozen=True)
class ChangedPassword(codec.Record):
    """Part of a reply."""

    __slots__ = ("sessions_ended",)

    sessions_ended: int
    """How many other sessions of the person ended."""

    _members: ClassVar[codec.Members] = {
        "sessions_ended": ("sessions_ended", codec.read_integer),
    }


@dataclass(frozen=True)
class Nothing(codec.Record):
    """Part of a reply."""

    __slots__ = ()

    _members: ClassVar[codec.Members] = {
    }


@dataclass(frozen=True)
class OauthToken(codec.Record):
    """Part of a reply."""

    __slots__ = ("access_token", "token_type", "expires_in", "refresh_token", "scope")

    access_token: str
    """The token to call with."""

    token_type: str
    """How it is sent: `Bearer`."""

    expires_in: int
    """Seconds until it is refused."""

    refresh_token: Optional[str]
    """Gives new tokens, once; none for client credentials."""

    scope: str
    """The scopes that it holds, separated by blanks."""

    _members: ClassVar[codec.Members] = {
        "access_token": ("access_token", codec.read_text),
        "token_type": ("token_type", codec.read_text),
        "expires_in": ("expires_in", codec.read_integer),
        "refresh_token": ("refresh_token", codec.read_text),
        "scope": ("scope", codec.read_text),
    }


@dataclass(frozen=True)
class NewEventSubscription(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "secret", "event_type", "endpoint_url", "filter_config", "headers", "description", "status", "created_at")

    id: str
    """The subscription."""

    secret: str
    """What its events are signed with (Standard Webhooks). It is shown here and never again."""

    event_type: str
    """The type it is for, or `*` for all."""

    endpoint_url: str
    """Where its events go."""

    filter_config: Optional[Mapping[str, Any]]
    """What members of `data` have to equal, or null."""

    headers: Optional[Mapping[str, Any]]
    """Its own headers, their values masked, or null."""

    description: Optional[str]
    """What it is for, or null."""

    status: Union[Literal['active', 'paused'], str]
    """Always `active` at first."""

    created_at: datetime
    """When it was made."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "secret": ("secret", codec.read_text),
        "event_type": ("event_type", codec.read_text),
        "endpoint_url": ("endpoint_url", codec.read_text),
        "filter_config": ("filter_config", codec.read_document),
        "headers": ("headers", codec.read_document),
        "description": ("description", codec.read_text),
        "status": ("status", codec.read_text),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class EventSubscription(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "event_type", "endpoint_url", "filter_config", "headers", "description", "status", "pause_reason", "old_secret_until", "created_at", "updated_at")

    id: str
    """The subscription."""

    event_type: str
    """The type it is for, or `*` for all."""

    endpoint_url: str
    """Where its events go."""

    filter_config: Optional[Mapping[str, Any]]
    """What members of `data` have to equal, or null."""

    headers: Optional[Mapping[str, Any]]
    """Its own headers, their values masked, or null."""

    description: Optional[str]
    """What it is for, or null."""

    status: Union[Literal['active', 'paused'], str]
    """While it is paused, what waits for it is kept 30 days."""

    pause_reason: Optional[str]
    """Why it was paused, or null."""

    old_secret_until: Optional[datetime]
    """Until then the secret before signs too, or null."""

    created_at: datetime
    """When it was made."""

    updated_at: datetime
    """When it was changed last."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "event_type": ("event_type", codec.read_text),
        "endpoint_url": ("endpoint_url", codec.read_text),
        "filter_config": ("filter_config", codec.read_document),
        "headers": ("headers", codec.read_document),
        "description": ("description", codec.read_text),
        "status": ("status", codec.read_text),
        "pause_reason": ("pause_reason", codec.read_text),
        "old_secret_until": ("old_secret_until", codec.read_instant),
        "created_at": ("created_at", codec.read_instant),
        "updated_at": ("updated_at", codec.read_instant),
    }


@dataclass(frozen=True)
class SubscriptionDeleted(codec.Record):
    """Part of a reply."""

    __slots__ = ("ok", "id")

    ok: bool
    """Nothing is sent there any more."""

    id: str
    """The subscription."""

    _members: ClassVar[codec.Members] = {
        "ok": ("ok", codec.read_boolean),
        "id": ("id", codec.read_text),
    }


@dataclass(frozen=True)
class RotatedSecret(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "secret", "old_secret_until")

    id: str
    """The subscription."""

    secret: str
    """The new secret. It is shown here and never again."""

    old_secret_until: Optional[datetime]
    """Until then the secret before signs too, or null."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "secret": ("secret", codec.read_text),
        "old_secret_until": ("old_secret_until", codec.read_instant),
    }


@dataclass(frozen=True)
class DeliveryAttempt(codec.Record):
    """Part of a reply."""

    __slots__ = ("attempt", "at", "status", "detail", "milliseconds")

    attempt: int
    """From 1."""

    at: datetime
    """When it began."""

    status: Optional[int]
    """The HTTP status of the answer; null where there was none."""

    detail: str
    """How the answer began, or why there was none."""

    milliseconds: int
    """How long it took."""

    _members: ClassVar[codec.Members] = {
        "attempt": ("attempt", codec.read_integer),
        "at": ("at", codec.read_instant),
        "status": ("status", codec.read_integer),
        "detail": ("detail", codec.read_text),
        "milliseconds": ("milliseconds", codec.read_integer),
    }


@dataclass(frozen=True)
class EventDelivery(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "subscription_id", "event_id", "event_type", "status", "next_attempt_at", "attempts", "created_at", "delivered_at")

    id: str
    """The delivery."""

    subscription_id: str
    """Where it goes."""

    event_id: str
    """What is delivered; the header `webhook-id`."""

    event_type: str
    """The event's type."""

    status: Union[Literal['pending', 'delivered', 'failed'], str]
    """`pending` while another attempt will be made."""

    next_attempt_at: Optional[datetime]
    """When that is due, once the subscription is active; null where there will be none."""

    attempts: tuple[DeliveryAttempt, ...]
    """Every attempt, the first one first."""

    created_at: datetime
    """When the event was queued."""

    delivered_at: Optional[datetime]
    """When it arrived last, or null."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "subscription_id": ("subscription_id", codec.read_text),
        "event_id": ("event_id", codec.read_text),
        "event_type": ("event_type", codec.read_text),
        "status": ("status", codec.read_text),
        "next_attempt_at": ("next_attempt_at", codec.read_instant),
        "attempts": ("attempts", codec.read_rows(DeliveryAttempt)),
        "created_at": ("created_at", codec.read_instant),
        "delivered_at": ("delivered_at", codec.read_instant),
    }


@dataclass(frozen=True)
class SubscriptionTested(codec.Record):
    """Part of a reply."""

    __slots__ = ("ok", "id", "status", "detail", "milliseconds")

    ok: bool
    """Whether it was answered with 2xx."""

    id: str
    """The subscription."""

    status: Optional[int]
    """The HTTP status of the answer; null where there was none."""

    detail: str
    """How the answer begins, or why there was none."""

    milliseconds: int
    """How long it took."""

    _members: ClassVar[codec.Members] = {
        "ok": ("ok", codec.read_boolean),
        "id": ("id", codec.read_text),
        "status": ("status", codec.read_integer),
        "detail": ("detail", codec.read_text),
        "milliseconds": ("milliseconds", codec.read_integer),
    }


@dataclass(frozen=True)
class Event(codec.Record):
    """Part of a reply."""

    __slots__ = ("event_id", "event_type", "timestamp", "organization_id", "entity_type", "entity_id", "data")

    event_id: str
    """The event. Whoever gets it twice knows it by this."""

    event_type: str
    """What happened."""

    timestamp: datetime
    """When."""

    organization_id: str
    """Where."""

    entity_type: str
    """What kind of thing it happened to."""

    entity_id: str
    """The thing."""

    data: Optional[Mapping[str, Any]]
    """What there is to say of it, by the type."""

    _members: ClassVar[codec.Members] = {
        "event_id": ("event_id", codec.read_text),
        "event_type": ("event_type", codec.read_text),
        "timestamp": ("timestamp", codec.read_instant),
        "organization_id": ("organization_id", codec.read_text),
        "entity_type": ("entity_type", codec.read_text),
        "entity_id": ("entity_id", codec.read_text),
        "data": ("data", codec.read_document),
    }


@dataclass(frozen=True)
class Notification(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "organization", "type", "title", "entity", "data", "created_at", "read_at")

    id: str
    """The notification; the id of the event that it tells of."""

    organization: Optional[OrganizationTiny]
    """Where it happened, or null."""

    type: str
    """The type of the event."""

    title: str
    """What happened, in a sentence."""

    entity: Thing
    """What it happened to."""

    data: Optional[Mapping[str, Any]]
    """What the event says of it."""

    created_at: datetime
    """When it happened."""

    read_at: Optional[datetime]
    """When the person read it; null until then."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "organization": ("organization", codec.read_one(OrganizationTiny)),
        "type": ("type", codec.read_text),
        "title": ("title", codec.read_text),
        "entity": ("entity", codec.read_one(Thing)),
        "data": ("data", codec.read_document),
        "created_at": ("created_at", codec.read_instant),
        "read_at": ("read_at", codec.read_instant),
    }


@dataclass(frozen=True)
class UnreadCount(codec.Record):
    """Part of a reply."""

    __slots__ = ("unread",)

    unread: int
    """How many notifications were not read yet."""

    _members: ClassVar[codec.Members] = {
        "unread": ("unread", codec.read_integer),
    }


@dataclass(frozen=True)
class Marked(codec.Record):
    """Part of a reply."""

    __slots__ = ("marked",)

    marked: int
    """How many notifications had not been read before."""

    _members: ClassVar[codec.Members] = {
        "marked": ("marked", codec.read_integer),
    }


@dataclass(frozen=True)
class Dismissed(codec.Record):
    """Part of a reply."""

    __slots__ = ("ok", "id")

    ok: bool
    """It is gone from the inbox."""

    id: str
    """The notification."""

    _members: ClassVar[codec.Members] = {
        "ok": ("ok", codec.read_boolean),
        "id": ("id", codec.read_text),
    }


@dataclass(frozen=True)
class Deed(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "at", "actor", "address", "operation", "target", "outcome", "request_id")

    id: str
    """The call's own id."""

    at: datetime
    """When it was done."""

    actor: Thing
    """Who did it; the system itself, and whoever is not known, have an id of zeros."""

    address: Optional[str]
    """From where; null for an operator and for the system itself."""

    operation: str
    """What was done."""

    target: Optional[Thing]
    """What it was done to, or null."""

    outcome: str
    """`ok`, or the code of the problem that was committed."""

    request_id: str
    """The request it was done by."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "at": ("at", codec.read_instant),
        "actor": ("actor", codec.read_one(Thing)),
        "address": ("address", codec.read_text),
        "operation": ("operation", codec.read_text),
        "target": ("target", codec.read_one(Thing)),
        "outcome": ("outcome", codec.read_text),
        "request_id": ("request_id", codec.read_text),
    }


@dataclass(frozen=True)
class AdminUser(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "email", "name", "organizations_count", "created_at", "erased_at")

    id: str
    """The person's id."""

    email: Optional[str]
    """The e-mail address; null once erased."""

    name: str
    """The name."""

    organizations_count: int
    """How many organizations the person is a member of."""

    created_at: datetime
    """When the person signed up."""

    erased_at: Optional[datetime]
    """When the person was erased, or null."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "email": ("email", codec.read_text),
        "name": ("name", codec.read_text),
        "organizations_count": ("organizations_count", codec.read_integer),
        "created_at": ("created_at", codec.read_instant),
        "erased_at": ("erased_at", codec.read_instant),
    }


@dataclass(frozen=True)
class Identity(codec.Record):
    """Part of a reply."""

    __slots__ = ("issuer", "subject", "user_id", "created_at")

    issuer: str
    """The identity provider, as `iss` names it."""

    subject: str
    """The person there, as `sub` names them."""

    user_id: str
    """The person here."""

    created_at: datetime
    """When they were linked."""

    _members: ClassVar[codec.Members] = {
        "issuer": ("issuer", codec.read_text),
        "subject": ("subject", codec.read_text),
        "user_id": ("user_id", codec.read_text),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class Unlinked(codec.Record):
    """Part of a reply."""

    __slots__ = ("ok",)

    ok: bool
    """Tokens of this subject are refused from the very next request on."""

    _members: ClassVar[codec.Members] = {
        "ok": ("ok", codec.read_boolean),
    }


@dataclass(frozen=True)
class Identities(codec.Record):
    """Part of a reply."""

    __slots__ = ("data",)

    data: tuple[Identity, ...]
    """Every link of the person, the oldest first."""

    _members: ClassVar[codec.Members] = {
        "data": ("data", codec.read_rows(Identity)),
    }


@dataclass(frozen=True)
class Grant(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "organization_id", "credits", "source", "expires_at", "priority", "sequence", "available", "reserved", "debt", "created_at")

    id: str
    """The entry's id."""

    organization_id: str
    """Who got them."""

    credits: int
    """How many; what was owed took its part first."""

    source: Union[Literal['promotional', 'free_tier', 'goodwill'], str]
    """Why they were given."""

    expires_at: Optional[datetime]
    """When what is left of them expires; never when null."""

    priority: int
    """Their place in the drawing order; the lowest is drawn first."""

    sequence: int
    """The entry's place among the organization's."""

    available: int
    """Available credits now."""

    reserved: int
    """Reserved credits now."""

    debt: int
    """Credits still owed."""

    created_at: datetime
    """When they were given."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "organization_id": ("organization_id", codec.read_text),
        "credits": ("credits", codec.read_integer),
        "source": ("source", codec.read_text),
        "expires_at": ("expires_at", codec.read_instant),
        "priority": ("priority", codec.read_integer),
        "sequence": ("sequence", codec.read_integer),
        "available": ("available", codec.read_integer),
        "reserved": ("reserved", codec.read_integer),
        "debt": ("debt", codec.read_integer),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class Adjustment(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "organization_id", "credits", "reason", "sequence", "available", "reserved", "debt", "created_at")

    id: str
    """The entry's id."""

    organization_id: str
    """Whose credits were corrected."""

    credits: int
    """By how many."""

    reason: str
    """Why."""

    sequence: int
    """The entry's place among the organization's."""

    available: int
    """Available credits now."""

    reserved: int
    """Reserved credits now."""

    debt: int
    """Credits still owed."""

    created_at: datetime
    """When it was booked."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "organization_id": ("organization_id", codec.read_text),
        "credits": ("credits", codec.read_integer),
        "reason": ("reason", codec.read_text),
        "sequence": ("sequence", codec.read_integer),
        "available": ("available", codec.read_integer),
        "reserved": ("reserved", codec.read_integer),
        "debt": ("debt", codec.read_integer),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class CreditNoteDetails(codec.Record):
    """Part of a reply."""

    __slots__ = ("id", "number", "organization_id", "invoice_id", "invoice_number", "invoice_issued_at", "reason", "currency", "net", "tax", "amount", "source", "refund_id", "issuer", "customer", "created_at")

    id: str
    """The credit note."""

    number: str
    """Its number, of a series of its own."""

    organization_id: str
    """Whose it is."""

    invoice_id: str
    """The invoice that it corrects."""

    invoice_number: str
    """That one's number."""

    invoice_issued_at: Optional[datetime]
    """When that one was issued."""

    reason: str
    """Why."""

    currency: str
    """Of the amounts."""

    net: Decimal
    """What it takes off, without tax."""

    tax: Decimal
    """The tax on that."""

    amount: Decimal
    """Both together; below 0 where it takes back a note whose refund failed."""

    source: Optional[Mapping[str, Any]]
    """Of a monthly run: what it gives back."""

    refund_id: Optional[str]
    """Of a purchase: the refund that it documents, where it is known."""

    issuer: InvoiceParty
    """Who issues it, as on the invoice."""

    customer: InvoiceParty
    """Who it is for, as on the invoice."""

    created_at: datetime
    """When it was issued."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "number": ("number", codec.read_text),
        "organization_id": ("organization_id", codec.read_text),
        "invoice_id": ("invoice_id", codec.read_text),
        "invoice_number": ("invoice_number", codec.read_text),
        "invoice_issued_at": ("invoice_issued_at", codec.read_instant),
        "reason": ("reason", codec.read_text),
        "currency": ("currency", codec.read_text),
        "net": ("net", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "amount": ("amount", codec.read_decimal),
        "source": ("source", codec.read_document),
        "refund_id": ("refund_id", codec.read_text),
        "issuer": ("issuer", codec.read_one(InvoiceParty)),
        "customer": ("customer", codec.read_one(InvoiceParty)),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class Accrual(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "period", "receivable", "currency", "orders_count", "uninvoiced", "owed")

    organization_id: str
    """The organization."""

    period: str
    """The month, in its time zone."""

    receivable: Decimal
    """What the month has accrued, less what was given back; without tax."""

    currency: str
    """Of all amounts."""

    orders_count: int
    """Orders that the month has charged, and not given back since."""

    uninvoiced: Decimal
    """What has accrued, whenever, and is on no invoice yet; without tax."""

    owed: Decimal
    """What is left to be paid of issued invoices, tax included."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "period": ("period", codec.read_text),
        "receivable": ("receivable", codec.read_decimal),
        "currency": ("currency", codec.read_text),
        "orders_count": ("orders_count", codec.read_integer),
        "uninvoiced": ("uninvoiced", codec.read_decimal),
        "owed": ("owed", codec.read_decimal),
    }


@dataclass(frozen=True)
class PendingOrganization(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "name", "billing_email", "created_at")

    organization_id: str
    """The organization."""

    name: str
    """Its name."""

    billing_email: Optional[str]
    """Where its bills go, or null."""

    created_at: datetime
    """When it was made."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "name": ("name", codec.read_text),
        "billing_email": ("billing_email", codec.read_text),
        "created_at": ("created_at", codec.read_instant),
    }


@dataclass(frozen=True)
class FreeTier(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "status", "credits", "expired", "granted_at", "revoked_at")

    organization_id: str
    """The organization."""

    status: Union[Literal['granted', 'revoked'], str]
    """What was decided."""

    credits: int
    """Credits that were granted; 0 where it was turned down."""

    expired: int
    """Credits of them that expired when they were revoked."""

    granted_at: Optional[datetime]
    """When they were granted, or null."""

    revoked_at: Optional[datetime]
    """When they were revoked, or null."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "status": ("status", codec.read_text),
        "credits": ("credits", codec.read_integer),
        "expired": ("expired", codec.read_integer),
        "granted_at": ("granted_at", codec.read_instant),
        "revoked_at": ("revoked_at", codec.read_instant),
    }


@dataclass(frozen=True)
class GrantedAll(codec.Record):
    """Part of a reply."""

    __slots__ = ("granted", "left")

    granted: int
    """How many organizations got theirs now."""

    left: int
    """How many still wait; repeat the call until there are none."""

    _members: ClassVar[codec.Members] = {
        "granted": ("granted", codec.read_integer),
        "left": ("left", codec.read_integer),
    }


@dataclass(frozen=True)
class Verified(codec.Record):
    """Part of a reply."""

    __slots__ = ("consistent", "entries", "balance", "sum", "head_sequence", "head_hash", "first_fault")

    consistent: bool
    """Nothing was found wrong."""

    entries: int
    """How many entries, from the first, are proven: now, or by the last nightly proof, whose entries a full proof alone looks at again."""

    balance: int
    """All credits, as the balance says."""

    sum: int
    """All credits, as the proven entries sum up to."""

    head_sequence: int
    """The last entry's place."""

    head_hash: str
    """The last entry's hash: note it down to prove later that nothing before it changed."""

    first_fault: Optional[str]
    """The first fault found, or null."""

    _members: ClassVar[codec.Members] = {
        "consistent": ("consistent", codec.read_boolean),
        "entries": ("entries", codec.read_integer),
        "balance": ("balance", codec.read_integer),
        "sum": ("sum", codec.read_integer),
        "head_sequence": ("head_sequence", codec.read_integer),
        "head_hash": ("head_hash", codec.read_text),
        "first_fault": ("first_fault", codec.read_text),
    }


@dataclass(frozen=True)
class LedgerFault(codec.Record):
    """Part of a reply."""

    __slots__ = ("organization_id", "first_fault")

    organization_id: str
    """Whose ledger it is."""

    first_fault: str
    """The first fault found there."""

    _members: ClassVar[codec.Members] = {
        "organization_id": ("organization_id", codec.read_text),
        "first_fault": ("first_fault", codec.read_text),
    }


@dataclass(frozen=True)
class AllVerified(codec.Record):
    """Part of a reply."""

    __slots__ = ("consistent", "organizations", "entries", "faults_total", "faults")

    consistent: bool
    """Nothing was found wrong."""

    organizations: int
    """How many ledgers were looked at."""

    entries: int
    """How many of their entries are proven."""

    faults_total: int
    """How many ledgers have a fault."""

    faults: tuple[LedgerFault, ...]
    """The first thousand of these."""

    _members: ClassVar[codec.Members] = {
        "consistent": ("consistent", codec.read_boolean),
        "organizations": ("organizations", codec.read_integer),
        "entries": ("entries", codec.read_integer),
        "faults_total": ("faults_total", codec.read_integer),
        "faults": ("faults", codec.read_rows(LedgerFault)),
    }


@dataclass(frozen=True)
class ReconciledDay(codec.Record):
    """Part of a reply."""

    __slots__ = ("day", "currency", "ledger", "processor", "difference")

    day: str
    """The day, in UTC."""

    currency: str
    """Of the amounts."""

    ledger: Decimal
    """Charges less refunds, by the ledger."""

    processor: Decimal
    """The same by the card processor."""

    difference: Decimal
    """What the processor has more than the ledger."""

    _members: ClassVar[codec.Members] = {
        "day": ("day", codec.read_text),
        "currency": ("currency", codec.read_text),
        "ledger": ("ledger", codec.read_decimal),
        "processor": ("processor", codec.read_decimal),
        "difference": ("difference", codec.read_decimal),
    }


@dataclass(frozen=True)
class Difference(codec.Record):
    """Part of a reply."""

    __slots__ = ("kind", "movement", "id", "topup_id", "organization_id", "ledger_amount", "processor_amount", "currency", "at")

    kind: Union[Literal['missing_here', 'missing_there', 'amount', 'state'], str]
    """`missing_here`: the ledger does not know it; `missing_there`: the processor does not; `amount`: both do, and differ; `state`: the top-up is there and not booked."""

    movement: Union[Literal['charge', 'refund'], str]
    """What it is."""

    id: Optional[str]
    """The processor's id of the charge, the refund, or the payment intent."""

    topup_id: Optional[str]
    """The top-up, where it is known."""

    organization_id: Optional[str]
    """Whose it is, where that is known."""

    ledger_amount: Decimal
    """What the ledger says."""

    processor_amount: Decimal
    """What the processor says."""

    currency: str
    """Of the amounts."""

    at: datetime
    """When it was, by the processor's clock where it knows of it."""

    _members: ClassVar[codec.Members] = {
        "kind": ("kind", codec.read_text),
        "movement": ("movement", codec.read_text),
        "id": ("id", codec.read_text),
        "topup_id": ("topup_id", codec.read_text),
        "organization_id": ("organization_id", codec.read_text),
        "ledger_amount": ("ledger_amount", codec.read_decimal),
        "processor_amount": ("processor_amount", codec.read_decimal),
        "currency": ("currency", codec.read_text),
        "at": ("at", codec.read_instant),
    }


@dataclass(frozen=True)
class Reconciliation(codec.Record):
    """Part of a reply."""

    __slots__ = ("from_", "to", "cut_off", "days", "differences", "complete")

    from_: str
    """The first day."""

    to: str
    """The last day, which is included."""

    cut_off: datetime
    """What is younger was not looked at, on either side."""

    days: tuple[ReconciledDay, ...]
    """The days that differ, by currency."""

    differences: tuple[Difference, ...]
    """What differs; 1,000 at most."""

    complete: bool
    """All of the days was looked at, and all that differs is shown."""

    _members: ClassVar[codec.Members] = {
        "from_": ("from", codec.read_text),
        "to": ("to", codec.read_text),
        "cut_off": ("cut_off", codec.read_instant),
        "days": ("days", codec.read_rows(ReconciledDay)),
        "differences": ("differences", codec.read_rows(Difference)),
        "complete": ("complete", codec.read_boolean),
    }


@dataclass(frozen=True)
class UpdatedEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("id", "role", "is_active")

    id: str
    """The person."""

    role: Optional[str]
    """The role, where it is a new one."""

    is_active: Optional[bool]
    """Whether they may act for the organization, where that is new."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "role": ("role", codec.read_text),
        "is_active": ("is_active", codec.read_boolean),
    }


@dataclass(frozen=True)
class RemovedEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("id", "role")

    id: str
    """The person."""

    role: str
    """The role they had."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "role": ("role", codec.read_text),
    }


@dataclass(frozen=True)
class InvitedEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("id", "role")

    id: str
    """The invitation."""

    role: str
    """The role it is for."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "role": ("role", codec.read_text),
    }


@dataclass(frozen=True)
class JoinedEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("id", "role")

    id: str
    """The person."""

    role: str
    """What they may do there."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "role": ("role", codec.read_text),
    }


@dataclass(frozen=True)
class LimitEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("spent", "limit")

    spent: int
    """Credits of the cycle so far, what orders hold included."""

    limit: int
    """The limit in credits."""

    _members: ClassVar[codec.Members] = {
        "spent": ("spent", codec.read_integer),
        "limit": ("limit", codec.read_integer),
    }


@dataclass(frozen=True)
class KeyEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("id",)

    id: str
    """The key."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
    }


@dataclass(frozen=True)
class WebhookTest(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("subscription_id",)

    subscription_id: str
    """The subscription."""

    _members: ClassVar[codec.Members] = {
        "subscription_id": ("subscription_id", codec.read_text),
    }


@dataclass(frozen=True)
class InvoiceEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("invoice_id", "number", "kind", "period", "status", "currency", "total", "due", "due_at")

    invoice_id: str
    """The invoice."""

    number: str
    """Its number."""

    kind: Union[Literal['topup', 'run'], str]
    """A purchase of credits, or the bill of a month."""

    period: Optional[str]
    """The month that it bills; null for a purchase."""

    status: Union[Literal['draft', 'issued', 'paid', 'void', 'uncollectible'], str]
    """What it is now."""

    currency: str
    """Of the amounts."""

    total: Decimal
    """What it comes to, tax included."""

    due: Decimal
    """What is left to be paid."""

    due_at: Optional[datetime]
    """Until when."""

    _members: ClassVar[codec.Members] = {
        "invoice_id": ("invoice_id", codec.read_text),
        "number": ("number", codec.read_text),
        "kind": ("kind", codec.read_text),
        "period": ("period", codec.read_text),
        "status": ("status", codec.read_text),
        "currency": ("currency", codec.read_text),
        "total": ("total", codec.read_decimal),
        "due": ("due", codec.read_decimal),
        "due_at": ("due_at", codec.read_instant),
    }


@dataclass(frozen=True)
class FreeTierCredits(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("credits",)

    credits: int
    """Granted, or taken back."""

    _members: ClassVar[codec.Members] = {
        "credits": ("credits", codec.read_integer),
    }


@dataclass(frozen=True)
class Paused(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("subscription_id", "product", "pause_reason")

    subscription_id: str
    """The subscription."""

    product: str
    """The product."""

    pause_reason: Optional[Mapping[str, Any]]
    """The invoices that were not paid."""

    _members: ClassVar[codec.Members] = {
        "subscription_id": ("subscription_id", codec.read_text),
        "product": ("product", codec.read_text),
        "pause_reason": ("pause_reason", codec.read_document),
    }


@dataclass(frozen=True)
class OrganizationClosed(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("id", "deletes_at")

    id: str
    """The organization."""

    deletes_at: datetime
    """From then on people and secrets are erased; the ledger is kept."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
        "deletes_at": ("deletes_at", codec.read_instant),
    }


@dataclass(frozen=True)
class OrganizationReopened(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("id",)

    id: str
    """The organization."""

    _members: ClassVar[codec.Members] = {
        "id": ("id", codec.read_text),
    }


@dataclass(frozen=True)
class DueEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("commitment_id", "name", "due_on", "is_end", "committed", "consumed", "due", "currency")

    commitment_id: str
    """The commitment."""

    name: str
    """Its name."""

    due_on: str
    """The day at whose end it fell due."""

    is_end: bool
    """Whether the term is over, or it was a milestone."""

    committed: Decimal
    """What was to be used until then."""

    consumed: Decimal
    """What was used."""

    due: Decimal
    """What is missing, and was not due before: the next monthly run bills it."""

    currency: str
    """The currency of these amounts."""

    _members: ClassVar[codec.Members] = {
        "commitment_id": ("commitment_id", codec.read_text),
        "name": ("name", codec.read_text),
        "due_on": ("due_on", codec.read_text),
        "is_end": ("is_end", codec.read_boolean),
        "committed": ("committed", codec.read_decimal),
        "consumed": ("consumed", codec.read_decimal),
        "due": ("due", codec.read_decimal),
        "currency": ("currency", codec.read_text),
    }


@dataclass(frozen=True)
class BehindEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("commitment_id", "name", "ends_on", "committed", "consumed", "projected_total", "projected_shortfall", "currency")

    commitment_id: str
    """The commitment."""

    name: str
    """Its name."""

    ends_on: str
    """Its last day."""

    committed: Decimal
    """What is to be used."""

    consumed: Decimal
    """What was used."""

    projected_total: Decimal
    """What will have been used at the end, if it goes on like this."""

    projected_shortfall: Decimal
    """What will be missing then."""

    currency: str
    """The currency of these amounts."""

    _members: ClassVar[codec.Members] = {
        "commitment_id": ("commitment_id", codec.read_text),
        "name": ("name", codec.read_text),
        "ends_on": ("ends_on", codec.read_text),
        "committed": ("committed", codec.read_decimal),
        "consumed": ("consumed", codec.read_decimal),
        "projected_total": ("projected_total", codec.read_decimal),
        "projected_shortfall": ("projected_shortfall", codec.read_decimal),
        "currency": ("currency", codec.read_text),
    }


@dataclass(frozen=True)
class Changed(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("subscription_id", "product", "plan_id", "plan", "cycle", "seats", "status_before", "status", "period_start", "period_end", "cancel_at")

    subscription_id: str
    """The subscription."""

    product: str
    """The product."""

    plan_id: str
    """The plan."""

    plan: str
    """Its name."""

    cycle: str
    """How it is paid."""

    seats: int
    """How many seats."""

    status_before: Optional[str]
    """What it was; null: it is new."""

    status: str
    """What it is."""

    period_start: datetime
    """When the present period began."""

    period_end: datetime
    """When it ends."""

    cancel_at: Optional[datetime]
    """When the subscription ends, where that is known."""

    _members: ClassVar[codec.Members] = {
        "subscription_id": ("subscription_id", codec.read_text),
        "product": ("product", codec.read_text),
        "plan_id": ("plan_id", codec.read_text),
        "plan": ("plan", codec.read_text),
        "cycle": ("cycle", codec.read_text),
        "seats": ("seats", codec.read_integer),
        "status_before": ("status_before", codec.read_text),
        "status": ("status", codec.read_text),
        "period_start": ("period_start", codec.read_instant),
        "period_end": ("period_end", codec.read_instant),
        "cancel_at": ("cancel_at", codec.read_instant),
    }


@dataclass(frozen=True)
class RunningLow(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("available", "threshold")

    available: int
    """Credits that can be spent."""

    threshold: int
    """What they fell below."""

    _members: ClassVar[codec.Members] = {
        "available": ("available", codec.read_integer),
        "threshold": ("threshold", codec.read_integer),
    }


@dataclass(frozen=True)
class UsageThreshold(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("metric", "percent", "used", "included")

    metric: str
    """The metric."""

    percent: int
    """How much of the quota is used: 50, 80, 90 or 100 %."""

    used: Decimal
    """What the cycle has used so far."""

    included: int
    """What the plan includes in a cycle."""

    _members: ClassVar[codec.Members] = {
        "metric": ("metric", codec.read_text),
        "percent": ("percent", codec.read_integer),
        "used": ("used", codec.read_decimal),
        "included": ("included", codec.read_integer),
    }


@dataclass(frozen=True)
class UsageReset(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("cycle_started_at", "cycle_ended_at", "metrics")

    cycle_started_at: datetime
    """When the cycle that is over began."""

    cycle_ended_at: datetime
    """When the new one began."""

    metrics: tuple[str, ...]
    """The metrics of whose quotas at least half was used."""

    _members: ClassVar[codec.Members] = {
        "cycle_started_at": ("cycle_started_at", codec.read_instant),
        "cycle_ended_at": ("cycle_ended_at", codec.read_instant),
        "metrics": ("metrics", codec.read_texts),
    }


@dataclass(frozen=True)
class OrderEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("order_id", "reference", "credits", "held")

    order_id: str
    """The order."""

    reference: str
    """The caller's own id."""

    credits: int
    """Credits charged, or given back."""

    held: int
    """Credits held when it was made."""

    _members: ClassVar[codec.Members] = {
        "order_id": ("order_id", codec.read_text),
        "reference": ("reference", codec.read_text),
        "credits": ("credits", codec.read_integer),
        "held": ("held", codec.read_integer),
    }


@dataclass(frozen=True)
class TopupEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("topup_id", "credits", "amount", "currency", "status", "decline_code")

    topup_id: str
    """The top-up."""

    credits: int
    """Credits booked, or asked for where none were."""

    amount: Decimal
    """What was charged, or was to be, tax included."""

    currency: str
    """Of the amount."""

    status: str
    """What became of it."""

    decline_code: Optional[str]
    """Why it failed, as a code; only where it did."""

    _members: ClassVar[codec.Members] = {
        "topup_id": ("topup_id", codec.read_text),
        "credits": ("credits", codec.read_integer),
        "amount": ("amount", codec.read_decimal),
        "currency": ("currency", codec.read_text),
        "status": ("status", codec.read_text),
        "decline_code": ("decline_code", codec.read_text),
    }


@dataclass(frozen=True)
class PaymentFailed(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("invoice_id", "number", "period", "amount", "currency", "decline_code", "reason", "retry_at")

    invoice_id: str
    """The invoice."""

    number: str
    """Its number."""

    period: Optional[str]
    """The month that it bills."""

    amount: Decimal
    """What is left to be paid."""

    currency: str
    """Of the amount."""

    decline_code: Optional[str]
    """Why, as a code; null where no card was charged."""

    reason: Optional[str]
    """Why, in words."""

    retry_at: Optional[datetime]
    """When it is charged again by itself; null: it is not."""

    _members: ClassVar[codec.Members] = {
        "invoice_id": ("invoice_id", codec.read_text),
        "number": ("number", codec.read_text),
        "period": ("period", codec.read_text),
        "amount": ("amount", codec.read_decimal),
        "currency": ("currency", codec.read_text),
        "decline_code": ("decline_code", codec.read_text),
        "reason": ("reason", codec.read_text),
        "retry_at": ("retry_at", codec.read_instant),
    }


@dataclass(frozen=True)
class OverdueEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("invoice_id", "number", "period", "total", "due", "currency", "due_at", "days")

    invoice_id: str
    """The invoice."""

    number: str
    """Its number."""

    period: Optional[str]
    """The month that it bills."""

    total: Decimal
    """What it came to, tax included."""

    due: Decimal
    """What is left to be paid."""

    currency: str
    """Of both."""

    due_at: Optional[datetime]
    """Until when it was to be paid."""

    days: int
    """For how many whole days it is overdue."""

    _members: ClassVar[codec.Members] = {
        "invoice_id": ("invoice_id", codec.read_text),
        "number": ("number", codec.read_text),
        "period": ("period", codec.read_text),
        "total": ("total", codec.read_decimal),
        "due": ("due", codec.read_decimal),
        "currency": ("currency", codec.read_text),
        "due_at": ("due_at", codec.read_instant),
        "days": ("days", codec.read_integer),
    }


@dataclass(frozen=True)
class NoteEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("credit_note_id", "number", "invoice_id", "invoice_number", "amount", "tax", "currency")

    credit_note_id: str
    """The credit note."""

    number: str
    """Its number."""

    invoice_id: str
    """The invoice that it corrects."""

    invoice_number: str
    """That one's number."""

    amount: Decimal
    """What it takes off, tax included."""

    tax: Decimal
    """The tax in it."""

    currency: str
    """Of both."""

    _members: ClassVar[codec.Members] = {
        "credit_note_id": ("credit_note_id", codec.read_text),
        "number": ("number", codec.read_text),
        "invoice_id": ("invoice_id", codec.read_text),
        "invoice_number": ("invoice_number", codec.read_text),
        "amount": ("amount", codec.read_decimal),
        "tax": ("tax", codec.read_decimal),
        "currency": ("currency", codec.read_text),
    }


@dataclass(frozen=True)
class RefundEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("amount", "refunded", "currency")

    amount: Decimal
    """How much."""

    refunded: Decimal
    """How much of the purchase is given back in all."""

    currency: str
    """Of the amounts."""

    _members: ClassVar[codec.Members] = {
        "amount": ("amount", codec.read_decimal),
        "refunded": ("refunded", codec.read_decimal),
        "currency": ("currency", codec.read_text),
    }


@dataclass(frozen=True)
class DisputeEvent(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("dispute_id", "amount", "currency")

    dispute_id: str
    """The processor's name of the dispute."""

    amount: Decimal
    """How much is disputed."""

    currency: str
    """Of the amount."""

    _members: ClassVar[codec.Members] = {
        "dispute_id": ("dispute_id", codec.read_text),
        "amount": ("amount", codec.read_decimal),
        "currency": ("currency", codec.read_text),
    }


@dataclass(frozen=True)
class AutoTopupNotice(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("reason", "detail")

    reason: str
    """Why, as a code."""

    detail: str
    """Why, as a sentence."""

    _members: ClassVar[codec.Members] = {
        "reason": ("reason", codec.read_text),
        "detail": ("detail", codec.read_text),
    }


@dataclass(frozen=True)
class WebhookPaused(codec.Record):
    """What an event of this kind says."""

    __slots__ = ("subscription_id", "host", "reason")

    subscription_id: str
    """The subscription."""

    host: str
    """The host and port that its events went to."""

    reason: str
    """Why nothing is sent there for now."""

    _members: ClassVar[codec.Members] = {
        "subscription_id": ("subscription_id", codec.read_text),
        "host": ("host", codec.read_text),
        "reason": ("reason", codec.read_text),
    }


# What `data` is of each type of event.
EVENTS: Mapping[str, type[codec.Record]] = {
    "member.updated": UpdatedEvent,
    "member.removed": RemovedEvent,
    "member.invited": InvitedEvent,
    "member.joined": JoinedEvent,
    "limit.soft": LimitEvent,
    "limit.hard": LimitEvent,
    "approval.requested": Approval,
    "approval.decided": Approval,
    "approval.expired": Approval,
    "api_key.created": KeyEvent,
    "api_key.revoked": KeyEvent,
    "webhook.test": WebhookTest,
    "invoice.void": InvoiceEvent,
    "invoice.uncollectible": InvoiceEvent,
    "invoice.refunded": InvoiceEvent,
    "free_tier.granted": FreeTierCredits,
    "free_tier.revoked": FreeTierCredits,
    "subscription.paused": Paused,
    "organization.closed": OrganizationClosed,
    "organization.reopened": OrganizationReopened,
    "commitment.due": DueEvent,
    "commitment.behind": BehindEvent,
    "subscription.changed": Changed,
    "credits.low": RunningLow,
    "usage.threshold": UsageThreshold,
    "usage.reset": UsageReset,
    "order.settled": OrderEvent,
    "order.cancelled": OrderEvent,
    "order.expired": OrderEvent,
    "order.refunded": OrderEvent,
    "topup.succeeded": TopupEvent,
    "topup.failed": TopupEvent,
    "topup.requires_action": TopupEvent,
    "invoice.issued": InvoiceEvent,
    "invoice.paid": InvoiceEvent,
    "invoice.overpaid": InvoiceEvent,
    "invoice.payment_failed": PaymentFailed,
    "invoice.overdue": OverdueEvent,
    "credit_note.issued": NoteEvent,
    "topup.refunded": RefundEvent,
    "topup.refund_failed": RefundEvent,
    "topup.disputed": DisputeEvent,
    "topup.dispute_funds_withdrawn": DisputeEvent,
    "topup.dispute_funds_reinstated": DisputeEvent,
    "topup.dispute_won": DisputeEvent,
    "topup.dispute_lost": DisputeEvent,
    "auto_topup.paused": AutoTopupNotice,
    "auto_topup.capped": AutoTopupNotice,
    "webhook.paused": WebhookPaused,
}
