# Made by purser-describe python-catalogue: not to be edited.
"""How each operation is called: its path, its input's forms, its reply's type."""

from __future__ import annotations

from . import _codec as codec
from . import _types as types
from ._operation import Operation

AddressInput: codec.Writers = {
    "line1": codec.write_text,
    "line2": codec.write_text,
    "city": codec.write_text,
    "state": codec.write_text,
    "postal_code": codec.write_text,
    "country": codec.write_text,
}

NewOrganizationInput: codec.Writers = {
    "name": codec.write_text,
    "display_name": codec.write_text,
    "description": codec.write_text,
    "website": codec.write_text,
    "industry": codec.write_text,
    "size": codec.write_text,
    "country": codec.write_text,
    "abn": codec.write_text,
    "tax_number": codec.write_text,
    "billing_email": codec.write_text,
    "billing_admin_id": codec.write_text,
    "billing_address": codec.write_one(AddressInput),
    "enterprise_billing": codec.write_boolean,
    "currency": codec.write_text,
    "timezone": codec.write_text,
    "is_personal": codec.write_boolean,
}

GetOrganizationInput: codec.Writers = {
    "organization_id": codec.write_text,
}

OrganizationListInput: codec.Writers = {
    "query": codec.write_text,
    "after": codec.write_text,
    "limit": codec.write_integer,
    "cursor": codec.write_text,
}

NothingInput: codec.Writers = {
}

UpdateOrganizationInput: codec.Writers = {
    "name": codec.write_text,
    "display_name": codec.write_text,
    "description": codec.write_text,
    "website": codec.write_text,
    "industry": codec.write_text,
    "size": codec.write_text,
    "country": codec.write_text,
    "abn": codec.write_text,
    "tax_number": codec.write_text,
    "billing_email": codec.write_text,
    "billing_admin_id": codec.write_text,
    "billing_address": codec.write_one(AddressInput),
    "enterprise_billing": codec.write_boolean,
    "currency": codec.write_text,
    "timezone": codec.write_text,
    "is_personal": codec.write_boolean,
    "logo_url": codec.write_text,
    "credits_low_threshold": codec.write_integer,
}

PurchasePolicyInput: codec.Writers = {
    "approval_threshold_credits": codec.write_integer,
    "require_second_person": codec.write_boolean,
}

MemberListInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
}

MemberRefInput: codec.Writers = {
    "member_id": codec.write_text,
}

UpdateMemberInput: codec.Writers = {
    "member_id": codec.write_text,
    "role": codec.write_text,
    "is_active": codec.write_boolean,
}

InviteInput: codec.Writers = {
    "email": codec.write_text,
    "role": codec.write_text,
    "return_token": codec.write_boolean,
}

InvitationListInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "status": codec.write_text,
}

ResendInput: codec.Writers = {
    "invitation_id": codec.write_text,
    "return_token": codec.write_boolean,
}

InvitationRefInput: codec.Writers = {
    "invitation_id": codec.write_text,
}

AnswerInput: codec.Writers = {
    "token": codec.write_text,
    "accept": codec.write_boolean,
}

SetLimitsInput: codec.Writers = {
    "spending_limit_soft": codec.write_number,
    "spending_limit_hard": codec.write_number,
}

BalanceHistoryInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "from": codec.write_instant,
    "to": codec.write_instant,
}

CostMonthInput: codec.Writers = {
    "year": codec.write_integer,
    "month": codec.write_integer,
}

CostHistoryInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "year": codec.write_integer,
    "month": codec.write_integer,
    "from": codec.write_instant,
    "to": codec.write_instant,
}

StatementQueryInput: codec.Writers = {
    "organization_id": codec.write_text,
    "period": codec.write_text,
}

ListCommitmentsInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "commitment_id": codec.write_text,
    "include_line_items": codec.write_boolean,
}

MilestoneInput: codec.Writers = {
    "on": codec.write_text,
    "amount": codec.write_decimal,
}

CreateCommitmentInput: codec.Writers = {
    "organization_id": codec.write_text,
    "name": codec.write_text,
    "starts_on": codec.write_text,
    "ends_on": codec.write_text,
    "amount": codec.write_decimal,
    "currency": codec.write_text,
    "milestones": codec.write_rows(MilestoneInput),
    "eligible_services": codec.write_texts,
    "true_up": codec.write_text,
    "rollover_percent": codec.write_integer,
}

AmendCommitmentInput: codec.Writers = {
    "organization_id": codec.write_text,
    "commitment_id": codec.write_text,
    "starts_on": codec.write_text,
    "ends_on": codec.write_text,
    "amount": codec.write_decimal,
    "milestones": codec.write_rows(MilestoneInput),
    "eligible_services": codec.write_texts,
    "true_up": codec.write_text,
    "rollover_percent": codec.write_integer,
}

CancelCommitmentInput: codec.Writers = {
    "organization_id": codec.write_text,
    "commitment_id": codec.write_text,
}

IntegrationInput: codec.Writers = {
    "id": codec.write_text,
    "token": codec.write_text,
    "endpoint": codec.write_text,
}

SetIntegrationsInput: codec.Writers = {
    "prom": codec.OrNull(codec.write_one(IntegrationInput)),
    "loki": codec.OrNull(codec.write_one(IntegrationInput)),
}

IntegrationTryInput: codec.Writers = {
    "kind": codec.write_text,
}

StatusQueryInput: codec.Writers = {
    "organization_id": codec.write_text,
}

TransactionListInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "offset": codec.write_integer,
    "reason": codec.write_text,
}

NewTopupInput: codec.Writers = {
    "credits": codec.write_integer,
    "amount": codec.write_decimal,
    "currency": codec.write_text,
    "payment_method_id": codec.write_text,
    "description": codec.write_text,
}

TopupRefInput: codec.Writers = {
    "topup_id": codec.write_text,
}

TopupListInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "status": codec.write_text,
}

NewOrderLineInput: codec.Writers = {
    "sku": codec.write_text,
    "description": codec.write_text,
    "quantity": codec.write_decimal,
    "unit_credits": codec.write_integer,
    "service": codec.write_text,
    "operator": codec.write_text,
    "commitment_eligible": codec.write_boolean,
}

CreateOrderInput: codec.Writers = {
    "reference": codec.write_text,
    "lines": codec.write_rows(NewOrderLineInput),
    "commitment_id": codec.write_text,
}

EstimateOrderInput: codec.Writers = {
    "lines": codec.write_rows(NewOrderLineInput),
}

SettleOrderInput: codec.Writers = {
    "order_id": codec.write_text,
    "lines": codec.write_rows(NewOrderLineInput),
}

OrderRefInput: codec.Writers = {
    "order_id": codec.write_text,
}

RefundOrderInput: codec.Writers = {
    "organization_id": codec.write_text,
    "order_id": codec.write_text,
}

OrderListInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "status": codec.write_text,
    "from": codec.write_instant,
    "to": codec.write_instant,
}

RefundTopupInput: codec.Writers = {
    "organization_id": codec.write_text,
    "topup_id": codec.write_text,
    "amount": codec.write_decimal,
    "reason": codec.write_text,
}

InvoiceListInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "status": codec.write_text,
    "kind": codec.write_text,
}

InvoiceQueryInput: codec.Writers = {
    "invoice_id": codec.write_text,
}

PayInvoiceInput: codec.Writers = {
    "invoice_id": codec.write_text,
    "payment_method_id": codec.write_text,
}

AttachmentInput: codec.Writers = {
    "payment_method_id": codec.write_text,
}

PageQueryInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
}

PaymentMethodRowInput: codec.Writers = {
    "payment_method_row_id": codec.write_text,
}

RequestApprovalInput: codec.Writers = {
    "credits": codec.write_integer,
    "expiry_hours": codec.write_integer,
}

ApprovalRefInput: codec.Writers = {
    "approval_id": codec.write_text,
}

RejectApprovalInput: codec.Writers = {
    "approval_id": codec.write_text,
    "reason": codec.write_text,
}

ApprovalListInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "status": codec.write_text,
}

SetAutoTopupInput: codec.Writers = {
    "enabled": codec.write_boolean,
    "threshold_credits": codec.write_integer,
    "topup_amount_credits": codec.write_integer,
    "daily_charge_cap_aud": codec.write_number,
}

InvoicesQueryInput: codec.Writers = {
    "limit": codec.write_integer,
}

CreatePlanInput: codec.Writers = {
    "product": codec.write_text,
    "name": codec.write_text,
    "tier": codec.write_text,
    "currency": codec.write_text,
    "monthly_amount": codec.write_decimal,
    "yearly_amount": codec.write_decimal,
    "features": codec.write_document,
    "quotas": codec.write_document,
    "trial_days": codec.write_integer,
}

PlanRefInput: codec.Writers = {
    "plan_id": codec.write_text,
}

StartWishInput: codec.Writers = {
    "plan_id": codec.write_text,
    "price_id": codec.write_text,
    "cycle": codec.write_text,
    "seats": codec.write_integer,
    "trial": codec.write_boolean,
}

ChangeWishInput: codec.Writers = {
    "product": codec.write_text,
    "plan_id": codec.write_text,
    "price_id": codec.write_text,
    "cycle": codec.write_text,
    "seats": codec.write_integer,
}

CancelSubscriptionInput: codec.Writers = {
    "product": codec.write_text,
    "when": codec.write_text,
}

WhichSubscriptionInput: codec.Writers = {
    "product": codec.write_text,
}

PreviewWishInput: codec.Writers = {
    "product": codec.write_text,
    "plan_id": codec.write_text,
    "price_id": codec.write_text,
    "cycle": codec.write_text,
    "seats": codec.write_integer,
    "trial": codec.write_boolean,
}

RunMonthlyInput: codec.Writers = {
    "organization_id": codec.write_text,
    "period": codec.write_text,
}

InvoiceWishInput: codec.Writers = {
    "period": codec.write_text,
}

RunListInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "period": codec.write_text,
    "status": codec.write_text,
}

AllRunsInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "organization_id": codec.write_text,
    "period": codec.write_text,
    "status": codec.write_text,
}

AskRunInput: codec.Writers = {
    "period": codec.write_text,
}

UsageEventInput: codec.Writers = {
    "id": codec.write_text,
    "metric": codec.write_text,
    "quantity": codec.write_decimal,
    "service": codec.write_text,
    "operator": codec.write_text,
    "cost": codec.write_decimal,
    "saving": codec.write_decimal,
    "occurred_at": codec.write_instant,
    "properties": codec.write_document,
}

RecordUsageInput: codec.Writers = {
    "events": codec.write_rows(UsageEventInput),
}

AuthorizeUsageInput: codec.Writers = {
    "metric": codec.write_text,
    "quantity": codec.write_decimal,
    "hold_seconds": codec.write_integer,
}

CommitUsageInput: codec.Writers = {
    "hold_id": codec.write_text,
    "quantity": codec.write_decimal,
}

ReleaseUsageInput: codec.Writers = {
    "hold_id": codec.write_text,
}

UsageQueryInput: codec.Writers = {
    "organization_id": codec.write_text,
}

UsageHistoryInput: codec.Writers = {
    "organization_id": codec.write_text,
    "months": codec.write_integer,
    "by": codec.write_text,
    "limit": codec.write_integer,
    "cursor": codec.write_text,
}

CreateMetricInput: codec.Writers = {
    "name": codec.write_text,
    "aggregation": codec.write_text,
    "unit": codec.write_text,
    "property": codec.write_text,
    "unit_credits": codec.write_decimal,
}

CreateKeyInput: codec.Writers = {
    "name": codec.write_text,
    "permissions": codec.write_texts,
    "rate_limit": codec.write_integer,
    "expires_in_days": codec.write_integer,
}

KeyRefInput: codec.Writers = {
    "key_id": codec.write_text,
}

UpdateKeyInput: codec.Writers = {
    "key_id": codec.write_text,
    "name": codec.write_text,
    "rate_limit": codec.write_integer,
}

RotateKeyInput: codec.Writers = {
    "key_id": codec.write_text,
    "overlap_seconds": codec.write_integer,
}

CreateUserInput: codec.Writers = {
    "email": codec.write_text,
    "password": codec.write_text,
    "name": codec.write_text,
}

CreateSessionInput: codec.Writers = {
    "email": codec.write_text,
    "password": codec.write_text,
    "organization_id": codec.write_text,
}

RefreshSessionInput: codec.Writers = {
    "refresh_token": codec.write_text,
}

RevokeSessionInput: codec.Writers = {
    "session_id": codec.write_text,
    "others": codec.write_boolean,
}

SwitchOrganizationInput: codec.Writers = {
    "organization_id": codec.write_text,
}

ChangePasswordInput: codec.Writers = {
    "current_password": codec.write_text,
    "new_password": codec.write_text,
}

ResetRequestInput: codec.Writers = {
    "email": codec.write_text,
}

ResetPasswordInput: codec.Writers = {
    "token": codec.write_text,
    "new_password": codec.write_text,
}

OauthGrantInput: codec.Writers = {
    "grant_type": codec.write_text,
    "username": codec.write_text,
    "password": codec.write_text,
    "refresh_token": codec.write_text,
    "client_id": codec.write_text,
    "client_secret": codec.write_text,
    "scope": codec.write_text,
}

OauthRevocationInput: codec.Writers = {
    "token": codec.write_text,
    "token_type_hint": codec.write_text,
}

CreateSubscriptionInput: codec.Writers = {
    "event_type": codec.write_text,
    "endpoint_url": codec.write_text,
    "filter_config": codec.write_document,
    "headers": codec.write_document,
    "description": codec.write_text,
}

EventSubscriptionRefInput: codec.Writers = {
    "subscription_id": codec.write_text,
}

UpdateSubscriptionInput: codec.Writers = {
    "subscription_id": codec.write_text,
    "event_type": codec.write_text,
    "endpoint_url": codec.write_text,
    "filter_config": codec.write_document,
    "headers": codec.write_document,
    "description": codec.write_text,
    "status": codec.write_text,
}

RotateSubscriptionInput: codec.Writers = {
    "subscription_id": codec.write_text,
    "overlap_seconds": codec.write_integer,
}

DeliveryQueryInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "subscription_id": codec.write_text,
    "status": codec.write_text,
}

DeliveryRefInput: codec.Writers = {
    "delivery_id": codec.write_text,
}

FeedQueryInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "type": codec.write_text,
    "after_event_id": codec.write_text,
}

InboxQueryInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "unread_only": codec.write_boolean,
}

NotificationRefInput: codec.Writers = {
    "notification_id": codec.write_text,
}

AuditQueryInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "from": codec.write_instant,
    "to": codec.write_instant,
    "actor": codec.write_text,
    "operation": codec.write_text,
    "outcome": codec.write_text,
}

AdminNewOrganizationInput: codec.Writers = {
    "name": codec.write_text,
    "display_name": codec.write_text,
    "description": codec.write_text,
    "website": codec.write_text,
    "industry": codec.write_text,
    "size": codec.write_text,
    "country": codec.write_text,
    "abn": codec.write_text,
    "tax_number": codec.write_text,
    "billing_email": codec.write_text,
    "billing_admin_id": codec.write_text,
    "billing_address": codec.write_one(AddressInput),
    "enterprise_billing": codec.write_boolean,
    "currency": codec.write_text,
    "timezone": codec.write_text,
    "is_personal": codec.write_boolean,
    "owner_email": codec.write_text,
}

AdminOrganizationListInput: codec.Writers = {
    "query": codec.write_text,
    "status": codec.write_text,
    "limit": codec.write_integer,
    "cursor": codec.write_text,
}

SetOrganizationInput: codec.Writers = {
    "organization_id": codec.write_text,
    "owner_email": codec.write_text,
    "enterprise_billing": codec.write_boolean,
    "spending_limit_hard": codec.write_number,
    "rate_limit": codec.write_integer,
    "hubspot_id": codec.write_text,
    "status": codec.write_text,
}

AdminUserListInput: codec.Writers = {
    "query": codec.write_text,
    "limit": codec.write_integer,
    "cursor": codec.write_text,
}

LinkIdentityInput: codec.Writers = {
    "issuer": codec.write_text,
    "subject": codec.write_text,
    "user_id": codec.write_text,
}

IdentityListInput: codec.Writers = {
    "user_id": codec.write_text,
}

CreateGrantInput: codec.Writers = {
    "organization_id": codec.write_text,
    "credits": codec.write_integer,
    "source": codec.write_text,
    "expires_at": codec.write_instant,
    "priority": codec.write_integer,
}

CreateAdjustmentInput: codec.Writers = {
    "organization_id": codec.write_text,
    "credits": codec.write_integer,
    "reason": codec.write_text,
}

EndInvoiceInput: codec.Writers = {
    "organization_id": codec.write_text,
    "invoice_id": codec.write_text,
}

MarkRefundedInput: codec.Writers = {
    "organization_id": codec.write_text,
    "invoice_id": codec.write_text,
    "reference": codec.write_text,
}

NewNoteInput: codec.Writers = {
    "organization_id": codec.write_text,
    "invoice_id": codec.write_text,
    "amount": codec.write_decimal,
    "reason": codec.write_text,
}

NoteListInput: codec.Writers = {
    "limit": codec.write_integer,
    "cursor": codec.write_text,
    "invoice_id": codec.write_text,
}

CreditNoteKeyInput: codec.Writers = {
    "credit_note_id": codec.write_text,
}

AccrualQueryInput: codec.Writers = {
    "organization_id": codec.write_text,
    "period": codec.write_text,
}

MarkInvoicedInput: codec.Writers = {
    "organization_id": codec.write_text,
    "invoice_id": codec.write_text,
    "reference": codec.write_text,
}

FreeTierRefInput: codec.Writers = {
    "organization_id": codec.write_text,
}

VerifyInput: codec.Writers = {
    "full": codec.write_boolean,
}

VerifyAllInput: codec.Writers = {
    "organization_id": codec.write_text,
    "full": codec.write_boolean,
}

ReconcileQueryInput: codec.Writers = {
    "from": codec.write_text,
    "to": codec.write_text,
}

MarkPaymentInput: codec.Writers = {
    "organization_id": codec.write_text,
    "product": codec.write_text,
    "outcome": codec.write_text,
    "invoice_number": codec.write_text,
    "amount": codec.write_decimal,
    "reason": codec.write_text,
}

ORGANIZATIONS_CREATE: Operation[types.Organization] = Operation(
    "organizations.create",
    "/v1/organizations/create",
    types.Organization,
    NewOrganizationInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_GET: Operation[types.Organization] = Operation(
    "organizations.get",
    "/v1/organizations/get",
    types.Organization,
    GetOrganizationInput,
    repeatable=True,
)

ORGANIZATIONS_LIST: Operation[types.Organization] = Operation(
    "organizations.list",
    "/v1/organizations/list",
    types.Organization,
    OrganizationListInput,
    repeatable=True,
)

ORGANIZATIONS_CURRENT: Operation[types.OrganizationCurrent] = Operation(
    "organizations.current",
    "/v1/organizations/current",
    types.OrganizationCurrent,
    NothingInput,
    repeatable=True,
)

ORGANIZATIONS_UPDATE: Operation[types.Organization] = Operation(
    "organizations.update",
    "/v1/organizations/update",
    types.Organization,
    UpdateOrganizationInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_SET_PURCHASE_POLICY: Operation[types.Organization] = Operation(
    "organizations.set_purchase_policy",
    "/v1/organizations/set_purchase_policy",
    types.Organization,
    PurchasePolicyInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_CLOSE: Operation[types.ClosedOrganization] = Operation(
    "organizations.close",
    "/v1/organizations/close",
    types.ClosedOrganization,
    NothingInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_MEMBERS_LIST: Operation[types.Member] = Operation(
    "organizations.members.list",
    "/v1/organizations/members/list",
    types.Member,
    MemberListInput,
    repeatable=True,
)

ORGANIZATIONS_MEMBERS_GET: Operation[types.Member] = Operation(
    "organizations.members.get",
    "/v1/organizations/members/get",
    types.Member,
    MemberRefInput,
    repeatable=True,
)

ORGANIZATIONS_MEMBERS_UPDATE: Operation[types.Member] = Operation(
    "organizations.members.update",
    "/v1/organizations/members/update",
    types.Member,
    UpdateMemberInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_MEMBERS_REMOVE: Operation[types.RemovedMember] = Operation(
    "organizations.members.remove",
    "/v1/organizations/members/remove",
    types.RemovedMember,
    MemberRefInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_MEMBERS_LEAVE: Operation[types.RemovedMember] = Operation(
    "organizations.members.leave",
    "/v1/organizations/members/leave",
    types.RemovedMember,
    NothingInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_MEMBERS_INVITE: Operation[types.Invitation] = Operation(
    "organizations.members.invite",
    "/v1/organizations/members/invite",
    types.Invitation,
    InviteInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_INVITATIONS_LIST: Operation[types.Invitation] = Operation(
    "organizations.invitations.list",
    "/v1/organizations/invitations/list",
    types.Invitation,
    InvitationListInput,
    repeatable=True,
)

ORGANIZATIONS_INVITATIONS_RESEND: Operation[types.Invitation] = Operation(
    "organizations.invitations.resend",
    "/v1/organizations/invitations/resend",
    types.Invitation,
    ResendInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_INVITATIONS_REVOKE: Operation[types.RevokedInvitation] = Operation(
    "organizations.invitations.revoke",
    "/v1/organizations/invitations/revoke",
    types.RevokedInvitation,
    InvitationRefInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_INVITATIONS_ACCEPT: Operation[types.Invitation] = Operation(
    "organizations.invitations.accept",
    "/v1/organizations/invitations/accept",
    types.Invitation,
    AnswerInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_LIMITS_SET: Operation[types.SpendingLimits] = Operation(
    "organizations.limits.set",
    "/v1/organizations/limits/set",
    types.SpendingLimits,
    SetLimitsInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_RECORD_GET: Operation[types.OrgRecord] = Operation(
    "organizations.record.get",
    "/v1/organizations/record/get",
    types.OrgRecord,
    NothingInput,
    repeatable=True,
)

ORGANIZATIONS_BALANCE_LATEST: Operation[types.BalanceSnapshot] = Operation(
    "organizations.balance.latest",
    "/v1/organizations/balance/latest",
    types.BalanceSnapshot,
    NothingInput,
    repeatable=True,
)

ORGANIZATIONS_BALANCE_HISTORY: Operation[types.BalanceSnapshot] = Operation(
    "organizations.balance.history",
    "/v1/organizations/balance/history",
    types.BalanceSnapshot,
    BalanceHistoryInput,
    repeatable=True,
)

ORGANIZATIONS_COSTS_LATEST: Operation[types.CostSnapshot] = Operation(
    "organizations.costs.latest",
    "/v1/organizations/costs/latest",
    types.CostSnapshot,
    CostMonthInput,
    repeatable=True,
)

ORGANIZATIONS_COSTS_HISTORY: Operation[types.CostSnapshot] = Operation(
    "organizations.costs.history",
    "/v1/organizations/costs/history",
    types.CostSnapshot,
    CostHistoryInput,
    repeatable=True,
)

ORGANIZATIONS_COMMITMENTS_STATEMENT: Operation[types.MonthStatement] = Operation(
    "organizations.commitments.statement",
    "/v1/organizations/commitments/statement",
    types.MonthStatement,
    StatementQueryInput,
    repeatable=True,
)

ORGANIZATIONS_COMMITMENTS_LIST: Operation[types.Commitment] = Operation(
    "organizations.commitments.list",
    "/v1/organizations/commitments/list",
    types.Commitment,
    ListCommitmentsInput,
    repeatable=True,
)

ORGANIZATIONS_COMMITMENTS_CREATE: Operation[types.Commitment] = Operation(
    "organizations.commitments.create",
    "/v1/organizations/commitments/create",
    types.Commitment,
    CreateCommitmentInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_COMMITMENTS_AMEND: Operation[types.Commitment] = Operation(
    "organizations.commitments.amend",
    "/v1/organizations/commitments/amend",
    types.Commitment,
    AmendCommitmentInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_COMMITMENTS_CANCEL: Operation[types.Commitment] = Operation(
    "organizations.commitments.cancel",
    "/v1/organizations/commitments/cancel",
    types.Commitment,
    CancelCommitmentInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_INTEGRATIONS_SET: Operation[types.OrgRecord] = Operation(
    "organizations.integrations.set",
    "/v1/organizations/integrations/set",
    types.OrgRecord,
    SetIntegrationsInput,
    repeatable=True,
    keyed=True,
)

ORGANIZATIONS_INTEGRATIONS_GET: Operation[types.Integrations] = Operation(
    "organizations.integrations.get",
    "/v1/organizations/integrations/get",
    types.Integrations,
    NothingInput,
    repeatable=True,
)

ORGANIZATIONS_INTEGRATIONS_TEST: Operation[types.IntegrationAnswer] = Operation(
    "organizations.integrations.test",
    "/v1/organizations/integrations/test",
    types.IntegrationAnswer,
    IntegrationTryInput,
    repeatable=True,
    keyed=True,
)

BILLING_STATUS_GET: Operation[types.BillingStatus] = Operation(
    "billing.status.get",
    "/v1/billing/status/get",
    types.BillingStatus,
    StatusQueryInput,
    repeatable=True,
)

BILLING_CREDITS_BALANCE: Operation[types.Balance] = Operation(
    "billing.credits.balance",
    "/v1/billing/credits/balance",
    types.Balance,
    NothingInput,
    repeatable=True,
)

BILLING_CREDITS_TRANSACTIONS: Operation[types.Transaction] = Operation(
    "billing.credits.transactions",
    "/v1/billing/credits/transactions",
    types.Transaction,
    TransactionListInput,
    repeatable=True,
)

BILLING_TOPUP: Operation[types.Topup] = Operation(
    "billing.topup",
    "/v1/billing/topup",
    types.Topup,
    NewTopupInput,
    repeatable=True,
    keyed=True,
)

BILLING_TOPUPS_GET: Operation[types.Topup] = Operation(
    "billing.topups.get",
    "/v1/billing/topups/get",
    types.Topup,
    TopupRefInput,
    repeatable=True,
)

BILLING_TOPUPS_LIST: Operation[types.Topup] = Operation(
    "billing.topups.list",
    "/v1/billing/topups/list",
    types.Topup,
    TopupListInput,
    repeatable=True,
)

ORDERS_CREATE: Operation[types.Order] = Operation(
    "orders.create",
    "/v1/orders/create",
    types.Order,
    CreateOrderInput,
    repeatable=True,
    keyed=True,
)

ORDERS_ESTIMATE: Operation[types.Estimate] = Operation(
    "orders.estimate",
    "/v1/orders/estimate",
    types.Estimate,
    EstimateOrderInput,
    repeatable=True,
)

ORDERS_SETTLE: Operation[types.Order] = Operation(
    "orders.settle",
    "/v1/orders/settle",
    types.Order,
    SettleOrderInput,
    repeatable=True,
    keyed=True,
)

ORDERS_CANCEL: Operation[types.CancelledOrder] = Operation(
    "orders.cancel",
    "/v1/orders/cancel",
    types.CancelledOrder,
    OrderRefInput,
    repeatable=True,
    keyed=True,
)

ORDERS_REFUND: Operation[types.Order] = Operation(
    "orders.refund",
    "/v1/orders/refund",
    types.Order,
    RefundOrderInput,
    repeatable=True,
    keyed=True,
)

ORDERS_GET: Operation[types.Order] = Operation(
    "orders.get",
    "/v1/orders/get",
    types.Order,
    OrderRefInput,
    repeatable=True,
)

ORDERS_LIST: Operation[types.Order] = Operation(
    "orders.list",
    "/v1/orders/list",
    types.Order,
    OrderListInput,
    repeatable=True,
)

BILLING_TOPUPS_REFUND: Operation[types.TopupRefund] = Operation(
    "billing.topups.refund",
    "/v1/billing/topups/refund",
    types.TopupRefund,
    RefundTopupInput,
    repeatable=True,
    keyed=True,
)

BILLING_INVOICES_LIST: Operation[types.Invoice] = Operation(
    "billing.invoices.list",
    "/v1/billing/invoices/list",
    types.Invoice,
    InvoiceListInput,
    repeatable=True,
)

BILLING_INVOICES_GET: Operation[types.InvoiceDetails] = Operation(
    "billing.invoices.get",
    "/v1/billing/invoices/get",
    types.InvoiceDetails,
    InvoiceQueryInput,
    repeatable=True,
)

BILLING_INVOICES_PAY: Operation[types.ChargedInvoice] = Operation(
    "billing.invoices.pay",
    "/v1/billing/invoices/pay",
    types.ChargedInvoice,
    PayInvoiceInput,
    repeatable=True,
    keyed=True,
)

PAYMENT_METHODS_CREATE_SETUP_INTENT: Operation[types.SetupSecret] = Operation(
    "payment_methods.create_setup_intent",
    "/v1/payment_methods/create_setup_intent",
    types.SetupSecret,
    NothingInput,
    repeatable=True,
    keyed=True,
)

PAYMENT_METHODS_ATTACH: Operation[types.PaymentMethod] = Operation(
    "payment_methods.attach",
    "/v1/payment_methods/attach",
    types.PaymentMethod,
    AttachmentInput,
    repeatable=True,
    keyed=True,
)

PAYMENT_METHODS_LIST: Operation[types.PaymentMethod] = Operation(
    "payment_methods.list",
    "/v1/payment_methods/list",
    types.PaymentMethod,
    PageQueryInput,
    repeatable=True,
)

PAYMENT_METHODS_SET_DEFAULT: Operation[types.PaymentMethod] = Operation(
    "payment_methods.set_default",
    "/v1/payment_methods/set_default",
    types.PaymentMethod,
    PaymentMethodRowInput,
    repeatable=True,
    keyed=True,
)

PAYMENT_METHODS_DETACH: Operation[types.Detached] = Operation(
    "payment_methods.detach",
    "/v1/payment_methods/detach",
    types.Detached,
    PaymentMethodRowInput,
    repeatable=True,
    keyed=True,
)

BILLING_APPROVALS_REQUEST: Operation[types.Approval] = Operation(
    "billing.approvals.request",
    "/v1/billing/approvals/request",
    types.Approval,
    RequestApprovalInput,
    repeatable=True,
    keyed=True,
)

BILLING_APPROVALS_APPROVE: Operation[types.Approval] = Operation(
    "billing.approvals.approve",
    "/v1/billing/approvals/approve",
    types.Approval,
    ApprovalRefInput,
    repeatable=True,
    keyed=True,
)

BILLING_APPROVALS_REJECT: Operation[types.Approval] = Operation(
    "billing.approvals.reject",
    "/v1/billing/approvals/reject",
    types.Approval,
    RejectApprovalInput,
    repeatable=True,
    keyed=True,
)

BILLING_APPROVALS_GET: Operation[types.Approval] = Operation(
    "billing.approvals.get",
    "/v1/billing/approvals/get",
    types.Approval,
    ApprovalRefInput,
    repeatable=True,
)

BILLING_APPROVALS_LIST: Operation[types.Approval] = Operation(
    "billing.approvals.list",
    "/v1/billing/approvals/list",
    types.Approval,
    ApprovalListInput,
    repeatable=True,
)

BILLING_AUTO_TOPUP_GET: Operation[types.AutoTopup] = Operation(
    "billing.auto_topup.get",
    "/v1/billing/auto_topup/get",
    types.AutoTopup,
    NothingInput,
    repeatable=True,
)

BILLING_SET_AUTO_TOPUP: Operation[types.AutoTopup] = Operation(
    "billing.set_auto_topup",
    "/v1/billing/set_auto_topup",
    types.AutoTopup,
    SetAutoTopupInput,
    repeatable=True,
    keyed=True,
)

BILLING_STRIPE_INVOICES_LIST: Operation[types.Invoices] = Operation(
    "billing.stripe_invoices.list",
    "/v1/billing/stripe_invoices/list",
    types.Invoices,
    InvoicesQueryInput,
    repeatable=True,
)

WEBHOOKS_STRIPE: Operation[types.Receipt] = Operation(
    "webhooks.stripe",
    "/v1/webhooks/stripe",
    types.Receipt,
    repeatable=True,
)

BILLING_PLANS_LIST: Operation[types.Plan] = Operation(
    "billing.plans.list",
    "/v1/billing/plans/list",
    types.Plan,
    PageQueryInput,
    repeatable=True,
)

BILLING_PLANS_CREATE: Operation[types.Plan] = Operation(
    "billing.plans.create",
    "/v1/billing/plans/create",
    types.Plan,
    CreatePlanInput,
    repeatable=True,
    keyed=True,
)

BILLING_PLANS_PUBLISH: Operation[types.Plan] = Operation(
    "billing.plans.publish",
    "/v1/billing/plans/publish",
    types.Plan,
    PlanRefInput,
    repeatable=True,
    keyed=True,
)

BILLING_PLANS_RETIRE: Operation[types.Plan] = Operation(
    "billing.plans.retire",
    "/v1/billing/plans/retire",
    types.Plan,
    PlanRefInput,
    repeatable=True,
    keyed=True,
)

BILLING_SUBSCRIPTIONS_START: Operation[types.Subscription] = Operation(
    "billing.subscriptions.start",
    "/v1/billing/subscriptions/start",
    types.Subscription,
    StartWishInput,
    repeatable=True,
    keyed=True,
)

BILLING_SUBSCRIPTIONS_CHANGE: Operation[types.Subscription] = Operation(
    "billing.subscriptions.change",
    "/v1/billing/subscriptions/change",
    types.Subscription,
    ChangeWishInput,
    repeatable=True,
    keyed=True,
)

BILLING_SUBSCRIPTIONS_CANCEL: Operation[types.Subscription] = Operation(
    "billing.subscriptions.cancel",
    "/v1/billing/subscriptions/cancel",
    types.Subscription,
    CancelSubscriptionInput,
    repeatable=True,
    keyed=True,
)

BILLING_SUBSCRIPTIONS_RESUME: Operation[types.Subscription] = Operation(
    "billing.subscriptions.resume",
    "/v1/billing/subscriptions/resume",
    types.Subscription,
    WhichSubscriptionInput,
    repeatable=True,
    keyed=True,
)

BILLING_SUBSCRIPTIONS_GET: Operation[types.Subscription] = Operation(
    "billing.subscriptions.get",
    "/v1/billing/subscriptions/get",
    types.Subscription,
    WhichSubscriptionInput,
    repeatable=True,
)

BILLING_SUBSCRIPTIONS_PREVIEW: Operation[types.TurnPreview] = Operation(
    "billing.subscriptions.preview",
    "/v1/billing/subscriptions/preview",
    types.TurnPreview,
    PreviewWishInput,
    repeatable=True,
)

BILLING_RUN_MONTHLY_FOR_ORG: Operation[types.MonthlyRun] = Operation(
    "billing.run_monthly_for_org",
    "/v1/billing/run_monthly_for_org",
    types.MonthlyRun,
    RunMonthlyInput,
    repeatable=True,
    keyed=True,
)

BILLING_RUN_MONTHLY_PREVIEW: Operation[types.PreviewedRun] = Operation(
    "billing.run_monthly_preview",
    "/v1/billing/run_monthly_preview",
    types.PreviewedRun,
    RunMonthlyInput,
    repeatable=True,
)

BILLING_INVOICES_PREVIEW: Operation[types.PreviewedInvoice] = Operation(
    "billing.invoices.preview",
    "/v1/billing/invoices/preview",
    types.PreviewedInvoice,
    InvoiceWishInput,
    repeatable=True,
)

BILLING_RUNS_LIST: Operation[types.ListedRun] = Operation(
    "billing.runs.list",
    "/v1/billing/runs/list",
    types.ListedRun,
    RunListInput,
    repeatable=True,
)

ADMIN_RUNS_LIST: Operation[types.ListedRun] = Operation(
    "admin.runs.list",
    "/v1/admin/runs/list",
    types.ListedRun,
    AllRunsInput,
    repeatable=True,
)

BILLING_RUN_MONTHLY_CRON: Operation[types.RunProgress] = Operation(
    "billing.run_monthly_cron",
    "/v1/billing/run_monthly_cron",
    types.RunProgress,
    AskRunInput,
    repeatable=True,
    keyed=True,
)

USAGE_RECORD: Operation[types.UsageRecorded] = Operation(
    "usage.record",
    "/v1/usage/record",
    types.UsageRecorded,
    RecordUsageInput,
    repeatable=True,
    items=UsageEventInput,
)

USAGE_AUTHORIZE: Operation[types.Authorization] = Operation(
    "usage.authorize",
    "/v1/usage/authorize",
    types.Authorization,
    AuthorizeUsageInput,
    repeatable=True,
    keyed=True,
)

USAGE_COMMIT: Operation[types.EndedHold] = Operation(
    "usage.commit",
    "/v1/usage/commit",
    types.EndedHold,
    CommitUsageInput,
    repeatable=True,
    keyed=True,
)

USAGE_RELEASE: Operation[types.EndedHold] = Operation(
    "usage.release",
    "/v1/usage/release",
    types.EndedHold,
    ReleaseUsageInput,
    repeatable=True,
    keyed=True,
)

USAGE_CURRENT: Operation[types.UsageCurrent] = Operation(
    "usage.current",
    "/v1/usage/current",
    types.UsageCurrent,
    UsageQueryInput,
    repeatable=True,
)

USAGE_HISTORY: Operation[types.UsagePast] = Operation(
    "usage.history",
    "/v1/usage/history",
    types.UsagePast,
    UsageHistoryInput,
    repeatable=True,
)

USAGE_METRICS_LIST: Operation[types.UsageMetric] = Operation(
    "usage.metrics.list",
    "/v1/usage/metrics/list",
    types.UsageMetric,
    PageQueryInput,
    repeatable=True,
)

USAGE_METRICS_CREATE: Operation[types.UsageMetric] = Operation(
    "usage.metrics.create",
    "/v1/usage/metrics/create",
    types.UsageMetric,
    CreateMetricInput,
    repeatable=True,
    keyed=True,
)

API_KEYS_CREATE: Operation[types.NewApiKey] = Operation(
    "api_keys.create",
    "/v1/api_keys/create",
    types.NewApiKey,
    CreateKeyInput,
    repeatable=True,
    keyed=True,
)

API_KEYS_GET: Operation[types.ApiKey] = Operation(
    "api_keys.get",
    "/v1/api_keys/get",
    types.ApiKey,
    KeyRefInput,
    repeatable=True,
)

API_KEYS_LIST: Operation[types.ApiKey] = Operation(
    "api_keys.list",
    "/v1/api_keys/list",
    types.ApiKey,
    PageQueryInput,
    repeatable=True,
)

API_KEYS_UPDATE: Operation[types.ApiKey] = Operation(
    "api_keys.update",
    "/v1/api_keys/update",
    types.ApiKey,
    UpdateKeyInput,
    repeatable=True,
    keyed=True,
)

API_KEYS_ROTATE: Operation[types.NewApiKey] = Operation(
    "api_keys.rotate",
    "/v1/api_keys/rotate",
    types.NewApiKey,
    RotateKeyInput,
    repeatable=True,
    keyed=True,
)

API_KEYS_REVOKE: Operation[types.Revoked] = Operation(
    "api_keys.revoke",
    "/v1/api_keys/revoke",
    types.Revoked,
    KeyRefInput,
    repeatable=True,
    keyed=True,
)

AUTH_USERS_CREATE: Operation[types.CreatedUser] = Operation(
    "auth.users.create",
    "/v1/auth/users/create",
    types.CreatedUser,
    CreateUserInput,
)

AUTH_WHOAMI: Operation[types.Whoami] = Operation(
    "auth.whoami",
    "/v1/auth/whoami",
    types.Whoami,
    NothingInput,
    repeatable=True,
)

AUTH_SESSIONS_CREATE: Operation[types.SessionTokens] = Operation(
    "auth.sessions.create",
    "/v1/auth/sessions/create",
    types.SessionTokens,
    CreateSessionInput,
)

AUTH_SESSIONS_REFRESH: Operation[types.SessionTokens] = Operation(
    "auth.sessions.refresh",
    "/v1/auth/sessions/refresh",
    types.SessionTokens,
    RefreshSessionInput,
)

AUTH_SESSIONS_LIST: Operation[types.Session] = Operation(
    "auth.sessions.list",
    "/v1/auth/sessions/list",
    types.Session,
    PageQueryInput,
    repeatable=True,
)

AUTH_SESSIONS_REVOKE: Operation[types.RevokedSessions] = Operation(
    "auth.sessions.revoke",
    "/v1/auth/sessions/revoke",
    types.RevokedSessions,
    RevokeSessionInput,
)

AUTH_SESSIONS_SWITCH: Operation[types.Switched] = Operation(
    "auth.sessions.switch",
    "/v1/auth/sessions/switch",
    types.Switched,
    SwitchOrganizationInput,
)

AUTH_PASSWORDS_CHANGE: Operation[types.ChangedPassword] = Operation(
    "auth.passwords.change",
    "/v1/auth/passwords/change",
    types.ChangedPassword,
    ChangePasswordInput,
)

AUTH_PASSWORDS_RESET_REQUEST: Operation[types.Nothing] = Operation(
    "auth.passwords.reset_request",
    "/v1/auth/passwords/reset_request",
    types.Nothing,
    ResetRequestInput,
)

AUTH_PASSWORDS_RESET: Operation[types.Nothing] = Operation(
    "auth.passwords.reset",
    "/v1/auth/passwords/reset",
    types.Nothing,
    ResetPasswordInput,
)

OAUTH_TOKEN: Operation[types.OauthToken] = Operation(
    "oauth.token",
    "/v1/oauth/token",
    types.OauthToken,
    OauthGrantInput,
    form=True,
)

OAUTH_REVOKE: Operation[types.Nothing] = Operation(
    "oauth.revoke",
    "/v1/oauth/revoke",
    types.Nothing,
    OauthRevocationInput,
    repeatable=True,
    form=True,
)

EVENT_SUBSCRIPTIONS_CREATE: Operation[types.NewEventSubscription] = Operation(
    "event_subscriptions.create",
    "/v1/event_subscriptions/create",
    types.NewEventSubscription,
    CreateSubscriptionInput,
    repeatable=True,
    keyed=True,
)

EVENT_SUBSCRIPTIONS_GET: Operation[types.EventSubscription] = Operation(
    "event_subscriptions.get",
    "/v1/event_subscriptions/get",
    types.EventSubscription,
    EventSubscriptionRefInput,
    repeatable=True,
)

EVENT_SUBSCRIPTIONS_LIST: Operation[types.EventSubscription] = Operation(
    "event_subscriptions.list",
    "/v1/event_subscriptions/list",
    types.EventSubscription,
    PageQueryInput,
    repeatable=True,
)

EVENT_SUBSCRIPTIONS_UPDATE: Operation[types.EventSubscription] = Operation(
    "event_subscriptions.update",
    "/v1/event_subscriptions/update",
    types.EventSubscription,
    UpdateSubscriptionInput,
    repeatable=True,
    keyed=True,
)

EVENT_SUBSCRIPTIONS_DELETE: Operation[types.SubscriptionDeleted] = Operation(
    "event_subscriptions.delete",
    "/v1/event_subscriptions/delete",
    types.SubscriptionDeleted,
    EventSubscriptionRefInput,
    repeatable=True,
    keyed=True,
)

EVENT_SUBSCRIPTIONS_ROTATE_SECRET: Operation[types.RotatedSecret] = Operation(
    "event_subscriptions.rotate_secret",
    "/v1/event_subscriptions/rotate_secret",
    types.RotatedSecret,
    RotateSubscriptionInput,
    repeatable=True,
    keyed=True,
)

EVENT_SUBSCRIPTIONS_DELIVERIES_LIST: Operation[types.EventDelivery] = Operation(
    "event_subscriptions.deliveries.list",
    "/v1/event_subscriptions/deliveries/list",
    types.EventDelivery,
    DeliveryQueryInput,
    repeatable=True,
)

EVENT_SUBSCRIPTIONS_REDELIVER: Operation[types.EventDelivery] = Operation(
    "event_subscriptions.redeliver",
    "/v1/event_subscriptions/redeliver",
    types.EventDelivery,
    DeliveryRefInput,
    repeatable=True,
    keyed=True,
)

EVENT_SUBSCRIPTIONS_TEST: Operation[types.SubscriptionTested] = Operation(
    "event_subscriptions.test",
    "/v1/event_subscriptions/test",
    types.SubscriptionTested,
    EventSubscriptionRefInput,
    repeatable=True,
    keyed=True,
)

EVENTS_LIST: Operation[types.Event] = Operation(
    "events.list",
    "/v1/events/list",
    types.Event,
    FeedQueryInput,
    repeatable=True,
)

NOTIFICATIONS_LIST: Operation[types.Notification] = Operation(
    "notifications.list",
    "/v1/notifications/list",
    types.Notification,
    InboxQueryInput,
    repeatable=True,
)

NOTIFICATIONS_UNREAD_COUNT: Operation[types.UnreadCount] = Operation(
    "notifications.unread_count",
    "/v1/notifications/unread_count",
    types.UnreadCount,
    NothingInput,
    repeatable=True,
)

NOTIFICATIONS_MARK_READ: Operation[types.Notification] = Operation(
    "notifications.mark_read",
    "/v1/notifications/mark_read",
    types.Notification,
    NotificationRefInput,
    repeatable=True,
    keyed=True,
)

NOTIFICATIONS_MARK_ALL_READ: Operation[types.Marked] = Operation(
    "notifications.mark_all_read",
    "/v1/notifications/mark_all_read",
    types.Marked,
    NothingInput,
    repeatable=True,
    keyed=True,
)

NOTIFICATIONS_DISMISS: Operation[types.Dismissed] = Operation(
    "notifications.dismiss",
    "/v1/notifications/dismiss",
    types.Dismissed,
    NotificationRefInput,
    repeatable=True,
    keyed=True,
)

AUDIT_LIST: Operation[types.Deed] = Operation(
    "audit.list",
    "/v1/audit/list",
    types.Deed,
    AuditQueryInput,
    repeatable=True,
)

ADMIN_ORGANIZATIONS_CREATE: Operation[types.Organization] = Operation(
    "admin.organizations.create",
    "/v1/admin/organizations/create",
    types.Organization,
    AdminNewOrganizationInput,
    repeatable=True,
    keyed=True,
)

ADMIN_ORGANIZATIONS_LIST: Operation[types.Organization] = Operation(
    "admin.organizations.list",
    "/v1/admin/organizations/list",
    types.Organization,
    AdminOrganizationListInput,
    repeatable=True,
)

ADMIN_ORGANIZATIONS_SET: Operation[types.Organization] = Operation(
    "admin.organizations.set",
    "/v1/admin/organizations/set",
    types.Organization,
    SetOrganizationInput,
    repeatable=True,
    keyed=True,
)

ADMIN_USERS_LIST: Operation[types.AdminUser] = Operation(
    "admin.users.list",
    "/v1/admin/users/list",
    types.AdminUser,
    AdminUserListInput,
    repeatable=True,
)

ADMIN_IDENTITIES_LINK: Operation[types.Identity] = Operation(
    "admin.identities.link",
    "/v1/admin/identities/link",
    types.Identity,
    LinkIdentityInput,
    repeatable=True,
    keyed=True,
)

ADMIN_IDENTITIES_UNLINK: Operation[types.Unlinked] = Operation(
    "admin.identities.unlink",
    "/v1/admin/identities/unlink",
    types.Unlinked,
    LinkIdentityInput,
    repeatable=True,
    keyed=True,
)

ADMIN_IDENTITIES_LIST: Operation[types.Identities] = Operation(
    "admin.identities.list",
    "/v1/admin/identities/list",
    types.Identities,
    IdentityListInput,
    repeatable=True,
)

BILLING_GRANTS_CREATE: Operation[types.Grant] = Operation(
    "billing.grants.create",
    "/v1/billing/grants/create",
    types.Grant,
    CreateGrantInput,
    repeatable=True,
    keyed=True,
)

BILLING_ADJUSTMENTS_CREATE: Operation[types.Adjustment] = Operation(
    "billing.adjustments.create",
    "/v1/billing/adjustments/create",
    types.Adjustment,
    CreateAdjustmentInput,
    repeatable=True,
    keyed=True,
)

BILLING_INVOICES_VOID: Operation[types.Invoice] = Operation(
    "billing.invoices.void",
    "/v1/billing/invoices/void",
    types.Invoice,
    EndInvoiceInput,
    repeatable=True,
    keyed=True,
)

BILLING_INVOICES_WRITE_OFF: Operation[types.Invoice] = Operation(
    "billing.invoices.write_off",
    "/v1/billing/invoices/write_off",
    types.Invoice,
    EndInvoiceInput,
    repeatable=True,
    keyed=True,
)

BILLING_INVOICES_MARK_REFUNDED: Operation[types.Invoice] = Operation(
    "billing.invoices.mark_refunded",
    "/v1/billing/invoices/mark_refunded",
    types.Invoice,
    MarkRefundedInput,
    repeatable=True,
    keyed=True,
)

BILLING_CREDIT_NOTES_CREATE: Operation[types.CreditNote] = Operation(
    "billing.credit_notes.create",
    "/v1/billing/credit_notes/create",
    types.CreditNote,
    NewNoteInput,
    repeatable=True,
    keyed=True,
)

BILLING_CREDIT_NOTES_LIST: Operation[types.CreditNote] = Operation(
    "billing.credit_notes.list",
    "/v1/billing/credit_notes/list",
    types.CreditNote,
    NoteListInput,
    repeatable=True,
)

BILLING_CREDIT_NOTES_GET: Operation[types.CreditNoteDetails] = Operation(
    "billing.credit_notes.get",
    "/v1/billing/credit_notes/get",
    types.CreditNoteDetails,
    CreditNoteKeyInput,
    repeatable=True,
)

BILLING_ENTERPRISE_ACCRUAL: Operation[types.Accrual] = Operation(
    "billing.enterprise.accrual",
    "/v1/billing/enterprise/accrual",
    types.Accrual,
    AccrualQueryInput,
    repeatable=True,
)

BILLING_ENTERPRISE_MARK_INVOICED: Operation[types.Invoice] = Operation(
    "billing.enterprise.mark_invoiced",
    "/v1/billing/enterprise/mark_invoiced",
    types.Invoice,
    MarkInvoicedInput,
    repeatable=True,
    keyed=True,
)

BILLING_FREE_TIER_LIST_PENDING: Operation[types.PendingOrganization] = Operation(
    "billing.free_tier.list_pending",
    "/v1/billing/free_tier/list_pending",
    types.PendingOrganization,
    PageQueryInput,
    repeatable=True,
)

BILLING_FREE_TIER_APPROVE: Operation[types.FreeTier] = Operation(
    "billing.free_tier.approve",
    "/v1/billing/free_tier/approve",
    types.FreeTier,
    FreeTierRefInput,
    repeatable=True,
    keyed=True,
)

BILLING_FREE_TIER_REVOKE: Operation[types.FreeTier] = Operation(
    "billing.free_tier.revoke",
    "/v1/billing/free_tier/revoke",
    types.FreeTier,
    FreeTierRefInput,
    repeatable=True,
    keyed=True,
)

BILLING_FREE_TIER_GRANT_ALL: Operation[types.GrantedAll] = Operation(
    "billing.free_tier.grant_all",
    "/v1/billing/free_tier/grant_all",
    types.GrantedAll,
    NothingInput,
    repeatable=True,
    keyed=True,
)

BILLING_CREDITS_VERIFY: Operation[types.Verified] = Operation(
    "billing.credits.verify",
    "/v1/billing/credits/verify",
    types.Verified,
    VerifyInput,
    repeatable=True,
)

ADMIN_LEDGER_VERIFY: Operation[types.AllVerified] = Operation(
    "admin.ledger.verify",
    "/v1/admin/ledger/verify",
    types.AllVerified,
    VerifyAllInput,
    repeatable=True,
)

ADMIN_RECONCILE: Operation[types.Reconciliation] = Operation(
    "admin.reconcile",
    "/v1/admin/reconcile",
    types.Reconciliation,
    ReconcileQueryInput,
    repeatable=True,
)

ADMIN_SUBSCRIPTIONS_MARK_PAYMENT: Operation[types.Subscription] = Operation(
    "admin.subscriptions.mark_payment",
    "/v1/admin/subscriptions/mark_payment",
    types.Subscription,
    MarkPaymentInput,
    repeatable=True,
    keyed=True,
)
