// Made by purser-describe typescript-types: not to be edited.

import type { Credits, Currency, Decimal, Id, Instant, JsonObject, Open, Quantity } from "./values.js";

export interface AddressInput {
  /** Street and number, or the like. */
  line1?: string | null | undefined;
  /** What does not fit the first line. */
  line2?: string | null | undefined;
  /** City, suburb or town. */
  city?: string | null | undefined;
  /** State, province or county. */
  state?: string | null | undefined;
  /** Postal code. */
  postal_code?: string | null | undefined;
  /** Country, ISO 3166-1 alpha-2. */
  country?: string | null | undefined;
}

export interface NewOrganizationInput {
  /** Its name. */
  name: string;
  /** What to show instead of the name. */
  display_name?: string | null | undefined;
  /** What it does. */
  description?: string | null | undefined;
  /** Its website. */
  website?: string | null | undefined;
  /** Its industry. */
  industry?: string | null | undefined;
  /** How large it is, in its own words. */
  size?: string | null | undefined;
  /** Its country, ISO 3166-1 alpha-2. */
  country?: string | null | undefined;
  /** Its Australian Business Number. */
  abn?: string | null | undefined;
  /** Its tax number elsewhere. */
  tax_number?: string | null | undefined;
  /** Where invoices and alerts go. */
  billing_email?: string | null | undefined;
  /** The person who answers for billing. */
  billing_admin_id?: Id | null | undefined;
  /** The address on invoices. */
  billing_address?: AddressInput | null | undefined;
  /** Ask to pay afterwards, by invoice; an operator decides. */
  enterprise_billing?: boolean | null | undefined;
  /** The currency it pays in; AUD. */
  currency?: ("AUD" | "SGD" | "GBP" | "NZD" | "USD") | null | undefined;
  /** Its IANA time zone; UTC. */
  timezone?: string | null | undefined;
  /** Whether it stands for one person. */
  is_personal?: boolean | null | undefined;
}

export interface GetOrganizationInput {
  /** The organization; the token's own where left out. */
  organization_id?: Id | null | undefined;
}

export interface OrganizationListInput {
  /** Part of the name, in any case. */
  query?: string | null | undefined;
  /** The cursor as the paging headers give it. */
  after?: string | null | undefined;
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
}

export type NothingInput = Record<string, never>;

export interface UpdateOrganizationInput {
  /** Its name; the slug stays. */
  name?: string | null | undefined;
  /** What to show instead of the name. */
  display_name?: string | null | undefined;
  /** What it does. */
  description?: string | null | undefined;
  /** Its website. */
  website?: string | null | undefined;
  /** Its industry. */
  industry?: string | null | undefined;
  /** How large it is, in its own words. */
  size?: string | null | undefined;
  /** Its country, ISO 3166-1 alpha-2. */
  country?: string | null | undefined;
  /** Its Australian Business Number. */
  abn?: string | null | undefined;
  /** Its tax number elsewhere. */
  tax_number?: string | null | undefined;
  /** Where invoices and alerts go. */
  billing_email?: string | null | undefined;
  /** The person who answers for billing. */
  billing_admin_id?: Id | null | undefined;
  /** The address on invoices. */
  billing_address?: AddressInput | null | undefined;
  /** Ask to pay afterwards, by invoice; an operator decides. */
  enterprise_billing?: boolean | null | undefined;
  /** The currency it pays in; AUD. */
  currency?: ("AUD" | "SGD" | "GBP" | "NZD" | "USD") | null | undefined;
  /** Its IANA time zone; UTC. */
  timezone?: string | null | undefined;
  /** Whether it stands for one person. */
  is_personal?: boolean | null | undefined;
  /** Its logo. */
  logo_url?: string | null | undefined;
  /** Below it a low balance is announced. */
  credits_low_threshold?: number | null | undefined;
}

export interface PurchasePolicyInput {
  /** Purchases above it need an approval. */
  approval_threshold_credits?: number | null | undefined;
  /** Whether nobody may approve their own request. */
  require_second_person?: boolean | null | undefined;
}

export interface MemberListInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
}

export interface MemberRefInput {
  /** The person's id. */
  member_id: Id;
}

export interface UpdateMemberInput {
  /** The person's id. */
  member_id: Id;
  /** A new role; only an owner gives or takes `owner`. */
  role?: ("owner" | "admin" | "billing" | "member" | "viewer") | null | undefined;
  /** Whether the person may act for the organization. */
  is_active?: boolean | null | undefined;
}

export interface InviteInput {
  /** Whom to invite. */
  email: string;
  /** As what; only an owner invites an `owner`. */
  role: ("owner" | "admin" | "billing" | "member" | "viewer");
  /** Whether the reply shows the token, besides the mail; it does not. */
  return_token?: boolean | null | undefined;
}

export interface InvitationListInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only those in this state. */
  status?: ("pending" | "accepted" | "declined" | "revoked" | "expired") | null | undefined;
}

export interface ResendInput {
  /** The invitation. */
  invitation_id: Id;
  /** Whether the reply shows the token, besides the mail; it does not. */
  return_token?: boolean | null | undefined;
}

export interface InvitationRefInput {
  /** The invitation. */
  invitation_id: Id;
}

export interface AnswerInput {
  /** The token of the invitation. */
  token: string;
  /** Whether to accept or, with false, to decline; it is accepted where left out. */
  accept?: boolean | null | undefined;
}

export interface SetLimitsInput {
  /** From what spend of a cycle on it is announced, in the organization's currency; 0 for never. */
  spending_limit_soft: number;
  /** The most that a cycle may spend, in the organization's currency; 0 for no limit. */
  spending_limit_hard: number;
}

export interface BalanceHistoryInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Not collected before this moment. */
  from?: Instant | null | undefined;
  /** Collected before this moment. */
  to?: Instant | null | undefined;
}

export interface CostMonthInput {
  /** The year. */
  year: number;
  /** The month of it, in the organization's time zone. */
  month: number;
}

export interface CostHistoryInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only of this year. */
  year?: number | null | undefined;
  /** Only of this month of a year. */
  month?: number | null | undefined;
  /** Not collected before this moment. */
  from?: Instant | null | undefined;
  /** Collected before this moment. */
  to?: Instant | null | undefined;
}

export interface StatementQueryInput {
  /** The organization. */
  organization_id: Id;
  /** The month, YYYY-MM; the last one that is over, if left out. */
  period?: string | null | undefined;
}

export interface ListCommitmentsInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only this one. */
  commitment_id?: Id | null | undefined;
  /** Whether the order lines that counted are shown. */
  include_line_items?: boolean | null | undefined;
}

export interface MilestoneInput {
  /** The last day that counts towards it, in the organization's zone. */
  on: string;
  /** What is to be used until then, from the term's beginning on. */
  amount: Decimal;
}

export interface CreateCommitmentInput {
  /** Who makes it. */
  organization_id: Id;
  /** Its name; those of one name follow each other. */
  name: string;
  /** The first day, in the organization's zone. */
  starts_on: string;
  /** The last day; not over yet. */
  ends_on: string;
  /** What is promised in all, as the prices of the organization's credits are: tax included where it pays before, without tax where it pays afterwards. */
  amount: Decimal;
  /** The organization's, and no other. */
  currency?: ("AUD" | "SGD" | "GBP" | "NZD" | "USD") | null | undefined;
  /** What is to be used until when, in order. */
  milestones?: readonly MilestoneInput[] | null | undefined;
  /** The services whose order lines count; all where it is left out or empty. */
  eligible_services?: readonly string[] | null | undefined;
  /** Whether what is missing is billed at the end (where it is left out), or at each milestone, too. */
  true_up?: ("at_end" | "milestones") | null | undefined;
  /** How much of what is used beyond it counts for the next of its name. */
  rollover_percent?: number | null | undefined;
}

export interface AmendCommitmentInput {
  /** Whose it is. */
  organization_id: Id;
  /** The commitment. */
  commitment_id: Id;
  /** Another first day; only before the term begins. */
  starts_on?: string | null | undefined;
  /** Another last day; not over yet, and behind the milestones that were reached. */
  ends_on?: string | null | undefined;
  /** What is promised in all from now on. */
  amount?: Decimal | null | undefined;
  /** In place of those that lie ahead; those that were reached stay. */
  milestones?: readonly MilestoneInput[] | null | undefined;
  /** The services whose order lines count from now on; an empty list: all. */
  eligible_services?: readonly string[] | null | undefined;
  /** Another way; only before the term begins. */
  true_up?: ("at_end" | "milestones") | null | undefined;
  /** How much of the excess counts for the next of its name. */
  rollover_percent?: number | null | undefined;
}

export interface CancelCommitmentInput {
  /** Whose it is. */
  organization_id: Id;
  /** The commitment. */
  commitment_id: Id;
}

export interface IntegrationInput {
  /** The name to sign in with (basic auth). */
  id: string;
  /** The password to it. */
  token: string;
  /** Where to push to: an https address that the internet reaches. */
  endpoint: string;
}

export interface SetIntegrationsInput {
  /** Prometheus (remote write), for figures; left out: it stays as it is, null: it is removed. */
  prom?: IntegrationInput | null | undefined;
  /** Loki, for audit events; left out: it stays as it is, null: it is removed. */
  loki?: IntegrationInput | null | undefined;
}

export interface IntegrationTryInput {
  /** Which of the two. */
  kind: ("prom" | "loki");
}

export interface StatusQueryInput {
  /** The organization. */
  organization_id: Id;
}

export interface TransactionListInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** How many of the newest to leave out. */
  offset?: number | null | undefined;
  /** Only those booked for this reason. */
  reason?: ("grant" | "topup" | "auto_topup" | "reservation" | "release" | "charge" | "refund" | "clawback" | "expiry" | "adjustment" | "plan_fee" | "overage" | "commitment_shortfall" | "invoice" | "payment" | "credit_note" | "write_off") | null | undefined;
}

export interface NewTopupInput {
  /** How many to buy; or say the amount. */
  credits?: Credits | null | undefined;
  /** For how much to buy, tax included; a whole number of credits. */
  amount?: Decimal | null | undefined;
  /** The organization's; needed beside the amount. */
  currency?: ("AUD" | "SGD" | "GBP" | "NZD" | "USD") | null | undefined;
  /** The card's row; the default card where it is left out. */
  payment_method_id?: Id | null | undefined;
  /** What for, for those who read statements. */
  description?: string | null | undefined;
}

export interface TopupRefInput {
  /** The top-up. */
  topup_id: Id;
}

export interface TopupListInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only those that are so far. */
  status?: ("processing" | "requires_action" | "succeeded" | "failed") | null | undefined;
}

export interface NewOrderLineInput {
  /** What is ordered, by the caller's own name for it. */
  sku: string;
  /** What it is, for those who read an invoice. */
  description: string;
  /** How much of it. */
  quantity: Quantity;
  /** Credits for one. */
  unit_credits: Credits;
  /** The service that it belongs to. */
  service?: string | null | undefined;
  /** Who provides it. */
  operator?: string | null | undefined;
  /** Whether it may count towards a commitment. */
  commitment_eligible?: boolean | null | undefined;
}

export interface CreateOrderInput {
  /** The caller's own id of the order; it makes one order, however often it is sent. */
  reference: string;
  /** What is ordered. */
  lines: readonly NewOrderLineInput[];
  /** The commitment that eligible lines are to count towards. */
  commitment_id?: Id | null | undefined;
}

export interface EstimateOrderInput {
  /** What would be ordered. */
  lines: readonly NewOrderLineInput[];
}

export interface SettleOrderInput {
  /** The order. */
  order_id: Id;
  /** What was delivered in the end; what was ordered where it is left out. */
  lines?: readonly NewOrderLineInput[] | null | undefined;
}

export interface OrderRefInput {
  /** The order. */
  order_id: Id;
}

export interface RefundOrderInput {
  /** Whose order it is. */
  organization_id: Id;
  /** The order. */
  order_id: Id;
}

export interface OrderListInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only those in this state. */
  status?: ("reserved" | "settled" | "cancelled" | "expired" | "refunded") | null | undefined;
  /** Not made before this moment. */
  from?: Instant | null | undefined;
  /** Made before this moment. */
  to?: Instant | null | undefined;
}

export interface RefundTopupInput {
  /** Who paid. */
  organization_id: Id;
  /** The top-up. */
  topup_id: Id;
  /** How much of it, in whole hundredths of its currency; all that is left where it is not given. */
  amount?: Decimal | null | undefined;
  /** Why; kept with the refund. */
  reason: string;
}

export interface InvoiceListInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only those that are so far; a draft is not listed. */
  status?: ("draft" | "issued" | "paid" | "void" | "uncollectible") | null | undefined;
  /** Only those of purchases, or of months. */
  kind?: ("topup" | "run") | null | undefined;
}

export interface InvoiceQueryInput {
  /** The invoice. */
  invoice_id: Id;
}

export interface PayInvoiceInput {
  /** The invoice. */
  invoice_id: Id;
  /** The card's row; the default card where it is left out. */
  payment_method_id?: Id | null | undefined;
}

export interface AttachmentInput {
  /** The processor's identifier of the card, as its form in the browser gave it. */
  payment_method_id: string;
}

export interface PageQueryInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
}

export interface PaymentMethodRowInput {
  /** The payment method, by its `id`. */
  payment_method_row_id: Id;
}

export interface RequestApprovalInput {
  /** How many credits to buy. */
  credits: Credits;
  /** For how many hours it can be decided. */
  expiry_hours?: number | null | undefined;
}

export interface ApprovalRefInput {
  /** The approval. */
  approval_id: Id;
}

export interface RejectApprovalInput {
  /** The approval. */
  approval_id: Id;
  /** Why, for those who asked. */
  reason?: string | null | undefined;
}

export interface ApprovalListInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only those in this state. */
  status?: ("pending" | "approved" | "rejected" | "expired") | null | undefined;
}

export interface SetAutoTopupInput {
  /** Whether to buy credits by themselves. */
  enabled: boolean;
  /** Below how many available credits. */
  threshold_credits: Credits;
  /** In multiples of how many; at most what can be bought without approval. */
  topup_amount_credits: Credits;
  /** What a day's charges may reach, at the AUD price of the credits; null or left out: no cap. */
  daily_charge_cap_aud?: number | null | undefined;
}

export interface InvoicesQueryInput {
  /** How many at most, the newest first. */
  limit?: number | null | undefined;
}

export interface CreatePlanInput {
  /** What it is a plan of. */
  product: ("platform" | "spaces");
  /** Its name. */
  name: string;
  /** Its place among the plans of the product. */
  tier: ("FREE" | "STARTUP" | "GROWTH" | "SCALE" | "PRO" | "TEAM" | "ENTERPRISE" | "INTERNAL");
  /** The currency of its prices; AUD where it is left out. */
  currency?: ("AUD" | "SGD" | "GBP" | "NZD" | "USD") | null | undefined;
  /** The price by the month; left out where it is not sold so. */
  monthly_amount?: Decimal | null | undefined;
  /** The price by the year; left out where it is not sold so. */
  yearly_amount?: Decimal | null | undefined;
  /** Features by name: a boolean, an integer or a string. */
  features?: JsonObject | null | undefined;
  /** By metric an object: `included`, the units in a cycle, and `overage_unit_price`, the price of one more as a decimal string, or null where none is sold. */
  quotas?: JsonObject | null | undefined;
  /** Days that are free at first. */
  trial_days?: number | null | undefined;
}

export interface PlanRefInput {
  /** The plan. */
  plan_id: Id;
}

export interface StartWishInput {
  /** The plan; or name its price. */
  plan_id?: Id | null | undefined;
  /** The price of a plan, which tells plan and cycle. */
  price_id?: string | null | undefined;
  /** How to pay; needed beside the plan's id at the start. */
  cycle?: ("monthly" | "yearly") | null | undefined;
  /** How many times the price is paid; 1 at the start. */
  seats?: number | null | undefined;
  /** Whether to begin with a trial; where the plan has one, and the organization never had the product. */
  trial?: boolean | null | undefined;
}

export interface ChangeWishInput {
  /** The product; platform. */
  product?: ("platform" | "spaces") | null | undefined;
  /** The plan; or name its price. */
  plan_id?: Id | null | undefined;
  /** The price of a plan, which tells plan and cycle. */
  price_id?: string | null | undefined;
  /** How to pay; needed beside the plan's id at the start. */
  cycle?: ("monthly" | "yearly") | null | undefined;
  /** How many times the price is paid; 1 at the start. */
  seats?: number | null | undefined;
}

export interface CancelSubscriptionInput {
  /** The product; platform. */
  product?: ("platform" | "spaces") | null | undefined;
  /** When it ends; period_end. */
  when?: ("now" | "period_end") | null | undefined;
}

export interface WhichSubscriptionInput {
  /** The product; platform. */
  product?: ("platform" | "spaces") | null | undefined;
}

export interface PreviewWishInput {
  /** The product; platform. */
  product?: ("platform" | "spaces") | null | undefined;
  /** The plan; or name its price. */
  plan_id?: Id | null | undefined;
  /** The price of a plan, which tells plan and cycle. */
  price_id?: string | null | undefined;
  /** How to pay; needed beside the plan's id at the start. */
  cycle?: ("monthly" | "yearly") | null | undefined;
  /** How many times the price is paid; 1 at the start. */
  seats?: number | null | undefined;
  /** Whether to begin with a trial; where the plan has one, and the organization never had the product. */
  trial?: boolean | null | undefined;
}

export interface RunMonthlyInput {
  /** The organization. */
  organization_id: Id;
  /** The month, YYYY-MM; the last that is over in its time zone. */
  period?: string | null | undefined;
}

export interface InvoiceWishInput {
  /** The month, YYYY-MM; the one that runs now. */
  period?: string | null | undefined;
}

export interface RunListInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only those of this month, YYYY-MM. */
  period?: string | null | undefined;
  /** Only those that have come so far. */
  status?: ("running" | "completed" | "nothing_to_do" | "failed") | null | undefined;
}

export interface AllRunsInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only those of this organization. */
  organization_id?: Id | null | undefined;
  /** Only those of this month, YYYY-MM. */
  period?: string | null | undefined;
  /** Only those that have come so far; `failed` are also those that are parked. */
  status?: ("running" | "completed" | "nothing_to_do" | "failed") | null | undefined;
}

export interface AskRunInput {
  /** The month, YYYY-MM; the last that is over in UTC. */
  period?: string | null | undefined;
}

export interface UsageEventInput {
  /** The sender's own id of the event: with the organization and the metric it is counted once. */
  id: string;
  /** What was used. */
  metric: string;
  /** How much, in the metric's unit. */
  quantity: Quantity;
  /** What was used, to tell it apart by. */
  service?: string | null | undefined;
  /** Who provides it. */
  operator?: string | null | undefined;
  /** What it cost the sender, in the organization's currency. */
  cost?: Decimal | null | undefined;
  /** What it saved. */
  saving?: Decimal | null | undefined;
  /** When; now where it is left out. At most 45 days ago. */
  occurred_at?: Instant | null | undefined;
  /** More about it. `app` and the property of a `unique` metric are counted; nothing of it is kept. */
  properties?: JsonObject | null | undefined;
}

export interface RecordUsageInput {
  /** The events. */
  events: readonly UsageEventInput[];
}

export interface AuthorizeUsageInput {
  /** What is to be used. */
  metric: string;
  /** How much of it. */
  quantity: Quantity;
  /** For how long it is held; where it is left out, nothing is. */
  hold_seconds?: number | null | undefined;
}

export interface CommitUsageInput {
  /** The hold. */
  hold_id: Id;
  /** How much was used: less than was held, or more. */
  quantity: Quantity;
}

export interface ReleaseUsageInput {
  /** The hold. */
  hold_id: Id;
}

export interface UsageQueryInput {
  /** The organization. */
  organization_id: Id;
}

export interface UsageHistoryInput {
  /** The organization. */
  organization_id: Id;
  /** How far back: cycles that lie in the last so many months. */
  months?: number | null | undefined;
  /** A row for each metric and cycle, or each day of it; cycle. */
  by?: ("cycle" | "day") | null | undefined;
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
}

export interface CreateMetricInput {
  /** What events will call it. */
  name: string;
  /** The sum of quantities, the number of events, the greatest or the last quantity, or the number of different values of a property. */
  aggregation: ("sum" | "count" | "max" | "last" | "unique");
  /** What one of it is, such as `token`. */
  unit: string;
  /** The property whose different values are counted; needed for `unique`, and for nothing else. */
  property?: string | null | undefined;
  /** Credits for one unit, charged as it is used. Not for `last`, which may fall. */
  unit_credits?: Quantity | null | undefined;
}

export interface CreateKeyInput {
  /** What the key is for. */
  name: string;
  /** Scopes and wildcards to give; `*:read` where none are named. */
  permissions?: readonly string[] | null | undefined;
  /** Requests a minute of this key alone. */
  rate_limit?: number | null | undefined;
  /** Days until the key expires by itself. */
  expires_in_days?: number | null | undefined;
}

export interface KeyRefInput {
  /** The key. */
  key_id: Id;
}

export interface UpdateKeyInput {
  /** The key. */
  key_id: Id;
  /** A new name. */
  name?: string | null | undefined;
  /** Requests a minute of this key alone. */
  rate_limit?: number | null | undefined;
}

export interface RotateKeyInput {
  /** The key to replace. */
  key_id: Id;
  /** How long the old key goes on working. */
  overlap_seconds?: number | null | undefined;
}

export interface CreateUserInput {
  /** The e-mail address to sign in with. */
  email: string;
  /** The password; common ones are refused. */
  password: string;
  /** What the person is called. */
  name: string;
}

export interface CreateSessionInput {
  /** The e-mail address. */
  email: string;
  /** The password. */
  password: string;
  /** The organization to act for; the first membership in an organization that is in use where left out. */
  organization_id?: Id | null | undefined;
}

export interface RefreshSessionInput {
  /** The session's newest refresh token. */
  refresh_token: string;
}

export interface RevokeSessionInput {
  /** The session to end; this one where left out. */
  session_id?: Id | null | undefined;
  /** True: end all of your sessions but this one. */
  others?: boolean | null | undefined;
}

export interface SwitchOrganizationInput {
  /** One of the organizations that you are a member of. */
  organization_id: Id;
}

export interface ChangePasswordInput {
  /** The password as it is. */
  current_password: string;
  /** The password to be; common ones are refused. */
  new_password: string;
}

export interface ResetRequestInput {
  /** The address of the person. */
  email: string;
}

export interface ResetPasswordInput {
  /** The token of the mail. */
  token: string;
  /** The password to be; common ones are refused. */
  new_password: string;
}

export interface OauthGrantInput {
  /** `password`, `refresh_token` or `client_credentials`. */
  grant_type: string;
  /** The e-mail address, for `password`. */
  username?: string | null | undefined;
  /** The password, for `password`. */
  password?: string | null | undefined;
  /** The newest refresh token, for `refresh_token`. */
  refresh_token?: string | null | undefined;
  /** The API key's id or prefix; may be left out. */
  client_id?: string | null | undefined;
  /** The API key, for `client_credentials`; HTTP Basic can bring both instead. */
  client_secret?: string | null | undefined;
  /** Less than all that could be given: scopes and wildcards, separated by blanks. A session stays so; at a refresh the new access token alone is. */
  scope?: string | null | undefined;
}

export interface OauthRevocationInput {
  /** The token to revoke. */
  token: string;
  /** Not needed; every kind is looked for. */
  token_type_hint?: string | null | undefined;
}

export interface CreateSubscriptionInput {
  /** A type of the catalogue, or `*` for all of them. */
  event_type: string;
  /** Where to send them: https, and no private address. */
  endpoint_url: string;
  /** Send only events whose `data` has these members with these values, such as {"metric": "requests"}. */
  filter_config?: JsonObject | null | undefined;
  /** Headers of your own, by name; 20 at most. Their values are shown to nobody again. */
  headers?: JsonObject | null | undefined;
  /** What it is for. */
  description?: string | null | undefined;
}

export interface EventSubscriptionRefInput {
  /** The subscription. */
  subscription_id: Id;
}

export interface UpdateSubscriptionInput {
  /** The subscription. */
  subscription_id: Id;
  /** A type of the catalogue, or `*` for all of them. */
  event_type?: string | null | undefined;
  /** Where to send them: https, and no private address. */
  endpoint_url?: string | null | undefined;
  /** Send only events whose `data` has these members with these values, such as {"metric": "requests"}. `{}` for none. */
  filter_config?: JsonObject | null | undefined;
  /** Headers of your own, by name; 20 at most. Their values are shown to nobody again. `{}` for none. */
  headers?: JsonObject | null | undefined;
  /** What it is for. */
  description?: string | null | undefined;
  /** `paused` to send nothing, `active` to go on. */
  status?: ("active" | "paused") | null | undefined;
}

export interface RotateSubscriptionInput {
  /** The subscription. */
  subscription_id: Id;
  /** How long the secret before goes on signing beside the new one. */
  overlap_seconds?: number | null | undefined;
}

export interface DeliveryQueryInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only those to this subscription. */
  subscription_id?: Id | null | undefined;
  /** Only those. */
  status?: ("pending" | "delivered" | "failed") | null | undefined;
}

export interface DeliveryRefInput {
  /** The delivery. */
  delivery_id: Id;
}

export interface FeedQueryInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only events of this type. */
  type?: string | null | undefined;
  /** Only what came behind this event. */
  after_event_id?: Id | null | undefined;
}

export interface InboxQueryInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only what was not read yet. */
  unread_only?: boolean | null | undefined;
}

export interface NotificationRefInput {
  /** The notification. */
  notification_id: Id;
}

export interface AuditQueryInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Not before this moment. */
  from?: Instant | null | undefined;
  /** Before this moment. */
  to?: Instant | null | undefined;
  /** Only the deeds of this key or person. */
  actor?: Id | null | undefined;
  /** Only deeds of this operation. */
  operation?: string | null | undefined;
  /** Only deeds that ended so: `ok`, or the code of a problem. */
  outcome?: string | null | undefined;
}

export interface AdminNewOrganizationInput {
  /** Its name. */
  name: string;
  /** What to show instead of the name. */
  display_name?: string | null | undefined;
  /** What it does. */
  description?: string | null | undefined;
  /** Its website. */
  website?: string | null | undefined;
  /** Its industry. */
  industry?: string | null | undefined;
  /** How large it is, in its own words. */
  size?: string | null | undefined;
  /** Its country, ISO 3166-1 alpha-2. */
  country?: string | null | undefined;
  /** Its Australian Business Number. */
  abn?: string | null | undefined;
  /** Its tax number elsewhere. */
  tax_number?: string | null | undefined;
  /** Where invoices and alerts go. */
  billing_email?: string | null | undefined;
  /** The person who answers for billing. */
  billing_admin_id?: Id | null | undefined;
  /** The address on invoices. */
  billing_address?: AddressInput | null | undefined;
  /** Ask to pay afterwards, by invoice; an operator decides. */
  enterprise_billing?: boolean | null | undefined;
  /** The currency it pays in; AUD. */
  currency?: ("AUD" | "SGD" | "GBP" | "NZD" | "USD") | null | undefined;
  /** Its IANA time zone; UTC. */
  timezone?: string | null | undefined;
  /** Whether it stands for one person. */
  is_personal?: boolean | null | undefined;
  /** Whom to invite as its owner; without it the organization is nobody's until one is named. */
  owner_email?: string | null | undefined;
}

export interface AdminOrganizationListInput {
  /** Part of the name, in any case. */
  query?: string | null | undefined;
  /** Only those in this state. */
  status?: ("active" | "closed") | null | undefined;
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
}

export interface SetOrganizationInput {
  /** The organization to change. */
  organization_id: Id;
  /** Whom to invite as an owner. */
  owner_email?: string | null | undefined;
  /** Whether it pays afterwards, by invoice; possible only with a hard limit. */
  enterprise_billing?: boolean | null | undefined;
  /** The most it may spend in a cycle, in its currency; 0 for no limit. */
  spending_limit_hard?: number | null | undefined;
  /** Requests a minute, instead of the platform's. */
  rate_limit?: number | null | undefined;
  /** Its id in the operator's CRM. */
  hubspot_id?: string | null | undefined;
  /** `closed` ends its keys at once; `active` reopens it. */
  status?: ("active" | "closed") | null | undefined;
}

export interface AdminUserListInput {
  /** Part of the e-mail address or of the name, in any case. */
  query?: string | null | undefined;
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
}

export interface LinkIdentityInput {
  /** The identity provider, as `iss` names it. */
  issuer: string;
  /** The person there, as `sub` names them. */
  subject: string;
  /** The person here. */
  user_id: Id;
}

export interface IdentityListInput {
  /** The person. */
  user_id: Id;
}

export interface CreateGrantInput {
  /** Who gets them. */
  organization_id: Id;
  /** How many. */
  credits: Credits;
  /** Why they are given. */
  source: ("promotional" | "free_tier" | "goodwill");
  /** When what is left of them expires; never where it is left out. */
  expires_at?: Instant | null | undefined;
  /** Their place in the drawing order; the lowest is drawn first. */
  priority?: number | null | undefined;
}

export interface CreateAdjustmentInput {
  /** Whose credits are corrected. */
  organization_id: Id;
  /** By how many; not 0, and negative to take them away. */
  credits: Credits;
  /** Why, for those who read the transactions. */
  reason: string;
}

export interface EndInvoiceInput {
  /** Whose invoice it is. */
  organization_id: Id;
  /** The invoice. */
  invoice_id: Id;
}

export interface MarkRefundedInput {
  /** Whose invoice it is. */
  organization_id: Id;
  /** The invoice. */
  invoice_id: Id;
  /** What the money that went back is known by, as at the bank. */
  reference: string;
}

export interface NewNoteInput {
  /** Whose invoice it is. */
  organization_id: Id;
  /** The invoice; of a month, for those of purchases follow their refunds. */
  invoice_id: Id;
  /** What to take off, tax included; all that is left where it is left out. */
  amount?: Decimal | null | undefined;
  /** Why, as it is printed. */
  reason: string;
}

export interface NoteListInput {
  /** Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling. */
  limit?: number | null | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | null | undefined;
  /** Only those of that invoice. */
  invoice_id?: Id | null | undefined;
}

export interface CreditNoteKeyInput {
  /** The credit note. */
  credit_note_id: Id;
}

export interface AccrualQueryInput {
  /** The organization. */
  organization_id: Id;
  /** The month, YYYY-MM; the present one where it is left out. */
  period?: string | null | undefined;
}

export interface MarkInvoicedInput {
  /** Whose invoice it is. */
  organization_id: Id;
  /** The invoice. */
  invoice_id: Id;
  /** What the payment is known by, as at the bank. */
  reference: string;
}

export interface FreeTierRefInput {
  /** The organization. */
  organization_id: Id;
}

export interface VerifyInput {
  /** From the first entry on, instead of from the last nightly proof; once a minute at most. */
  full?: boolean | null | undefined;
}

export interface VerifyAllInput {
  /** Only this one's ledger. */
  organization_id?: Id | null | undefined;
  /** From the first entries on, instead of from the last nightly proofs. */
  full?: boolean | null | undefined;
}

export interface ReconcileQueryInput {
  /** The first day, in UTC; the same as `to` where it is not given. */
  from?: string | null | undefined;
  /** The last day, which is included; yesterday where it is not given. */
  to?: string | null | undefined;
}

export interface MarkPaymentInput {
  /** Whose payment it is. */
  organization_id: Id;
  /** The product; platform. */
  product?: ("platform" | "spaces") | null | undefined;
  /** What became of it. */
  outcome: ("made" | "failed");
  /** The invoice that it was for. */
  invoice_number?: string | null | undefined;
  /** What is owed, in the organization's currency. */
  amount?: Decimal | null | undefined;
  /** Why it failed. */
  reason?: string | null | undefined;
}

export interface Address {
  /** Street and number, or the like. */
  readonly line1: string | null;
  /** What does not fit the first line. */
  readonly line2: string | null;
  /** City, suburb or town. */
  readonly city: string | null;
  /** State, province or county. */
  readonly state: string | null;
  /** Postal code. */
  readonly postal_code: string | null;
  /** Country, ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

export interface Organization {
  /** The organization's id. */
  readonly id: Id;
  /** Its name. */
  readonly name: string;
  /** Its name as part of an address; unique, made from the name. */
  readonly slug: string;
  /** What to show instead of the name. */
  readonly display_name: string | null;
  /** What it does. */
  readonly description: string | null;
  /** Its website. */
  readonly website: string | null;
  /** Its industry. */
  readonly industry: string | null;
  /** How large it is, in its own words. */
  readonly size: string | null;
  /** Its country, ISO 3166-1 alpha-2. */
  readonly country: string | null;
  /** Its Australian Business Number. */
  readonly abn: string | null;
  /** Its tax number elsewhere. */
  readonly tax_number: string | null;
  /** Where invoices and alerts go. */
  readonly billing_email: string | null;
  /** The person who answers for billing. */
  readonly billing_admin_id: Id | null;
  /** The address on invoices. */
  readonly billing_address: Address | null;
  /** Whether it pays afterwards, by invoice. */
  readonly enterprise_billing: boolean;
  /** When it asked for enterprise billing. */
  readonly enterprise_requested_at: Instant | null;
  /** The currency it pays in. */
  readonly currency: Open<"AUD" | "SGD" | "GBP" | "NZD" | "USD">;
  /** Its IANA time zone: months and days begin there. */
  readonly timezone: string;
  /** Whether it stands for one person. */
  readonly is_personal: boolean;
  /** Its logo. */
  readonly logo_url: string | null;
  /** Purchases above it need an approval; the platform's threshold when null. */
  readonly approval_threshold_credits: number | null;
  /** Whether nobody may approve their own request. */
  readonly require_second_person: boolean;
  /** Below it a low balance is announced; never when null. */
  readonly credits_low_threshold: number | null;
  /** Requests a minute; the platform's when null. */
  readonly rate_limit: number | null;
  /** Whether it is in use. */
  readonly status: Open<"active" | "closed">;
  /** When it was created. */
  readonly created_at: Instant;
  /** When it was last changed. */
  readonly updated_at: Instant;
}

export interface OrganizationCurrent {
  /** The organization's id. */
  readonly id: Id;
  /** Its name. */
  readonly name: string;
  /** When it was created. */
  readonly created_at: Instant;
  /** When it was last changed. */
  readonly updated_at: Instant;
}

export interface ClosedOrganization {
  /** The organization. */
  readonly id: Id;
  /** From then on people and secrets are erased; the ledger is kept. */
  readonly deletes_at: Instant;
  /** Credits that it leaves behind, reserved ones included. */
  readonly balance: Credits;
  /** Invoices that are not paid yet. */
  readonly open_invoices: number;
}

export interface Member {
  /** The person's id. */
  readonly id: Id;
  /** The person's name. */
  readonly name: string;
  /** The person's e-mail address. */
  readonly email: string;
  /** What the person may do here. */
  readonly role: Open<"owner" | "admin" | "billing" | "member" | "viewer">;
  /** Whether the person may act for the organization at present. */
  readonly is_active: boolean;
  /** When the person joined. */
  readonly created_at: Instant;
}

export interface RemovedMember {
  /** The person is a member no longer. */
  readonly ok: boolean;
  /** The person's id. */
  readonly id: Id;
}

export interface OrganizationTiny {
  /** The organization's id. */
  readonly id: Id;
  /** Its name. */
  readonly name: string;
}

export interface Invitation {
  /** The invitation's id; not a secret. */
  readonly id: Id;
  /** Where it invites to. */
  readonly organization: OrganizationTiny;
  /** Whom it invites. */
  readonly email: string;
  /** As what. */
  readonly role: Open<"owner" | "admin" | "billing" | "member" | "viewer">;
  /** What became of it. */
  readonly status: Open<"pending" | "accepted" | "declined" | "revoked" | "expired">;
  /** Until when it can be accepted. */
  readonly expires_at: Instant;
  /** When it was first sent. */
  readonly created_at: Instant;
  /** The person who sent it; null where it was a key or the operator. */
  readonly invited_by: Id | null;
  /** The secret to accept it with. It is shown only to who sends it and asks for it, and else null. */
  readonly token: string | null;
}

export interface RevokedInvitation {
  /** Nobody can accept it any longer. */
  readonly ok: boolean;
  /** The invitation. */
  readonly id: Id;
}

export interface SpendingLimits {
  /** From what spend of a cycle on it is announced; 0: never. */
  readonly soft: number;
  /** The most that a cycle may spend; 0: there is no limit. */
  readonly hard: number;
  /** The organization's currency. */
  readonly currency: string;
  /** The former in credits, rounded down, or null. */
  readonly soft_credits: Credits | null;
  /** The latter in credits, rounded down, or null. */
  readonly hard_credits: Credits | null;
  /** Credits of the present cycle, charged and held. */
  readonly spent: Credits;
  /** All credits: available and reserved. */
  readonly balance: Credits;
  /** Credits that can be spent now. */
  readonly available: Credits;
  /** Credits held by orders. */
  readonly reserved: Credits;
  /** Credits owed; new credits pay them first. */
  readonly debt: Credits;
}

export interface AlertEmails {
  /** The spend reached the soft limit. */
  readonly soft_limit: Instant | null;
  /** Something was refused for the hard limit. */
  readonly hard_limit: Instant | null;
  /** A payment failed. */
  readonly payment_failed: Instant | null;
  /** The cycle began, and quotas count from nothing again. */
  readonly usage_reset: Instant | null;
  /** Half of a quota was used. */
  readonly usage_50: Instant | null;
  /** Of a quota 80 % were used. */
  readonly usage_80: Instant | null;
  /** Of a quota 90 % were used. */
  readonly usage_90: Instant | null;
  /** All of a quota was used. */
  readonly usage_100: Instant | null;
}

export interface OrgRecord {
  /** The customer at the card processor Stripe; empty where there is none. */
  readonly org_stripe_id: string;
  /** When the last invoice was issued, in Unix seconds; 0 before the first. */
  readonly last_invoice_date: number;
  /** Its name. */
  readonly org_name: string;
  /** The id of its first owner; empty where nobody owns it. */
  readonly org_creator: string;
  /** The organization's id. */
  readonly id: Id;
  /** Whole tokens of prompts in the present cycle. */
  readonly prompt_tokens: number;
  /** Whole tokens of completions in the present cycle. */
  readonly completion_tokens: number;
  /** The sum of both. */
  readonly total_tokens: number;
  /** What those who record usage say that the prompts cost. */
  readonly prompt_tokens_cost: number;
  /** What they say that the completions cost. */
  readonly completion_tokens_cost: number;
  /** The sum of both. */
  readonly total_tokens_cost: number;
  /** What they say was saved on prompts. */
  readonly prompt_tokens_cost_savings: number;
  /** What they say was saved on completions. */
  readonly completion_tokens_cost_savings: number;
  /** The sum of both. */
  readonly total_tokens_cost_savings: number;
  /** Whole requests of the present cycle. */
  readonly num_requests: number;
  /** Different values of the property `app` in the present cycle. */
  readonly num_apps: number;
  /** Its plan of `spaces`; null without. */
  readonly spaces_subscription_tier: Open<"INTERNAL" | "FREE" | "PRO" | "TEAM" | "ENTERPRISE"> | null;
  /** The seats of that plan; null without. */
  readonly spaces_subscription_seats: number | null;
  /** Whether that plan is paid for; null without. */
  readonly spaces_subscription_status: Open<"active" | "unpaid"> | null;
  /** When that plan ends, in Unix seconds; null: it goes on. */
  readonly spaces_subscription_cancel_at: number | null;
  /** Why the plan of `platform` is paused: {invoices: [{invoice_id, invoice_number, amount, timestamp, pause_reason, invoice_name, payment_link, severity}]}; null while it is not. */
  readonly subscription_pause_reason: JsonObject | null;
  /** How the plan of `platform` is paid; null without. */
  readonly subscription_cycle: Open<"monthly" | "yearly"> | null;
  /** Its plan of `platform`: `_NONE_` without and on FREE, `_TRIAL_` during a trial. */
  readonly subscription_tier: Open<"_NONE_" | "_TRIAL_" | "_INTERNAL_" | "STARTUP" | "GROWTH" | "SCALE" | "ENTERPRISE"> | null;
  /** The price of that plan; null without. */
  readonly subscription_price_id: string | null;
  /** When the trial ends, in Unix seconds; null outside of one. */
  readonly trial_end: number | null;
  /** The currency it pays in, in lower case. */
  readonly currency: Open<"aud" | "sgd" | "gbp" | "nzd" | "usd">;
  /** Where invoices and alerts go. */
  readonly billing_email: string | null;
  /** What is left of promotional and free-tier credits, at the credits' price. */
  readonly free_balance: number | null;
  /** From what spend of a cycle on it is announced; 0: never. */
  readonly spending_limit_soft: number | null;
  /** The most that a cycle may spend; 0: there is no limit. */
  readonly spending_limit_hard: number | null;
  /** When a mail of each kind last went out in the present cycle; null: none did. */
  readonly alert_emails: AlertEmails | null;
  /** Whether it is in use; false once it was closed. */
  readonly is_active: boolean;
  /** Whether it stands for one person. */
  readonly is_personal: boolean;
  /** What to show instead of the name. */
  readonly org_display_name: string | null;
  /** Street and number, or the like. */
  readonly address_1: string | null;
  /** What does not fit the first line. */
  readonly address_2: string | null;
  /** City, suburb or town. */
  readonly address_city: string | null;
  /** Postal code. */
  readonly address_zip: string | null;
  /** State, province or county. */
  readonly address_state: string | null;
  /** Country, ISO 3166-1 alpha-2. */
  readonly address_country: string | null;
  /** When it was created. */
  readonly added_on: Instant | null;
  /** When it was last changed. */
  readonly modified_on: Instant | null;
  /** The company at HubSpot. */
  readonly hubspot_id: string | null;
  /** Whom its figures are pushed to Prometheus as; null: they are not. */
  readonly prom_id: string | null;
  /** The token for that, masked but for its end. */
  readonly prom_token: string | null;
  /** Where the figures go. */
  readonly prom_endpoint: string | null;
  /** Whom its audit events are pushed to Loki as; null: they are not. */
  readonly loki_id: string | null;
  /** The token for that, masked but for its end. */
  readonly loki_token: string | null;
  /** Where the audit events go. */
  readonly loki_endpoint: string | null;
  /** How many requests a minute it may make. */
  readonly rate_limit: number;
}

export interface BalanceSnapshot {
  /** Whose balance it is. */
  readonly organization_id: Id;
  /** The balance, with every digit that the source gave. */
  readonly amount: string;
  /** What it is in, as the source said (ISO 4217). */
  readonly currency: Currency;
  /** Who said so: our own ledger, or the provider of balances. */
  readonly source: Open<"ledger" | "provider">;
  /** When that was; it was the same until the next snapshot. */
  readonly collected_at: Instant;
}

export interface CostFees {
  /** Plans' fees, less what was given back of them. */
  readonly subscription: Decimal;
  /** What was used beyond quotas, once the month was billed. */
  readonly overage: Decimal;
  /** What was missing in commitments, once the month was billed. */
  readonly commitment_shortfall: Decimal;
  /** Tax on those, as invoices add it; what is paid by credits includes it already. */
  readonly tax: Decimal;
  /** All four. */
  readonly total: Decimal;
}

export interface UsageLine {
  /** The service; empty where none was named. */
  readonly service: string;
  /** Who provides it, where that was named. */
  readonly operator?: string | undefined;
  /** The metric that was counted. */
  readonly unit: string;
  /** How much was used, in the metric's unit. */
  readonly quantity: Quantity;
  /** What that cost, as senders say. */
  readonly amount: Decimal;
}

export interface CostSnapshot {
  /** Whose costs they are. */
  readonly organization_id: Id;
  /** The year of the month. */
  readonly year: number;
  /** The month, in the organization's time zone: 1 to 12. */
  readonly month: number;
  /** When it stood like this. */
  readonly collected_at: Instant;
  /** What all amounts are in. */
  readonly currency: Currency;
  /** What was booked in the month, and billed for it. */
  readonly fees: CostFees;
  /** What all usage of the month cost, as senders say. */
  readonly usage_amount: Decimal;
  /** That by metric, service and operator; the first 1,000 lines, by name. */
  readonly usage_lines: readonly UsageLine[];
  /** How many lines there are beyond those. */
  readonly usage_lines_left_out: number;
}

export interface StatementBalances {
  /** Credits that could be spent. */
  readonly available: Credits;
  /** Credits held by orders. */
  readonly reserved: Credits;
  /** Credits that were owed. */
  readonly debt: Credits;
  /** Money that was owed, invoiced or not yet. */
  readonly receivable: Decimal;
}

export interface Thing {
  /** What kind of thing. */
  readonly type: string;
  /** Which one. */
  readonly id: Id;
}

export interface StatementFlag {
  /** The commitment. */
  readonly commitment_id: Id;
  /** The line's place in the order, from 0. */
  readonly line: number;
  /** What it cost; negative where it was refunded. */
  readonly credits: Credits;
  /** What that counts for: the credits at their price. */
  readonly amount: Decimal;
}

export interface StatementActivity {
  /** The entry's place among the organization's. */
  readonly sequence: number;
  /** When it was booked. */
  readonly at: Instant;
  /** Why. */
  readonly kind: Open<"grant" | "topup" | "auto_topup" | "reservation" | "release" | "charge" | "refund" | "clawback" | "expiry" | "adjustment" | "plan_fee" | "overage" | "commitment_shortfall" | "invoice" | "payment" | "credit_note" | "write_off">;
  /** What it belongs to, or null. */
  readonly reference: Thing | null;
  /** In words. */
  readonly description: string | null;
  /** The change of the balance, which is available and reserved credits. */
  readonly credits: Credits;
  /** The money of it: what was received, negative where it was given back; else what became payable; null where only credits moved. */
  readonly amount: Decimal | null;
  /** The commitment that it counts towards; the first one, if several. */
  readonly commitment_id: Id | null;
  /** The order's lines that count. */
  readonly commitment_lines: readonly StatementFlag[];
  /** The change of available credits. */
  readonly available_change: Credits;
  /** The change of reserved credits. */
  readonly reserved_change: Credits;
  /** The change of the credits that are owed. */
  readonly debt_change: Credits;
  /** The change of the money that is owed. */
  readonly receivable_change: Decimal;
  /** The available credits behind it. */
  readonly available_after: Credits;
  /** The reserved credits behind it. */
  readonly reserved_after: Credits;
  /** The credits that are owed behind it. */
  readonly debt_after: Credits;
  /** The money that is owed behind it. */
  readonly receivable_after: Decimal;
}

export interface StatementDay {
  /** The day, in the organization's time zone. */
  readonly on: string;
  /** What was to be used in the term, as it was agreed by its end. */
  readonly committed: Decimal;
  /** What had counted by its end, since the term began. */
  readonly consumed: Decimal;
  /** What was left to be used: no less than 0. */
  readonly remaining: Decimal;
}

export interface StatementBurnDown {
  /** The commitment. */
  readonly commitment_id: Id;
  /** Its name. */
  readonly name: string;
  /** What was to be used in its term on the last of the days, what was carried in taken off. */
  readonly committed: Decimal;
  /** What had counted before the month, since the term began. */
  readonly opening: Decimal;
  /** The days of the month in which it ran. */
  readonly days: readonly StatementDay[];
}

export interface StatementAccount {
  /** One of available, reserved, debt and receivable. */
  readonly account: string;
  /** Credits, or the currency. */
  readonly unit: string;
  /** What the ledger says there was. */
  readonly opening: string;
  /** The sum of the month's activity. */
  readonly activity: string;
  /** What the ledger says there is. */
  readonly closing: string;
  /** Opening and activity, less closing. */
  readonly difference: string;
}

export interface StatementReconciliation {
  /** Whether no account differs. */
  readonly reconciled: boolean;
  /** By how much they differ in all, credits at their price. */
  readonly difference: Decimal;
  /** Every account. */
  readonly rows: readonly StatementAccount[];
}

export interface MonthStatement {
  /** Whose it is. */
  readonly organization_id: Id;
  /** Its name. */
  readonly organization_name: string;
  /** The month. */
  readonly period: string;
  /** The time zone that it is a month of. */
  readonly timezone: string;
  /** Its first moment. */
  readonly from: Instant;
  /** The next month's first moment. */
  readonly to: Instant;
  /** What money is in. */
  readonly currency: string;
  /** What a credit is worth. */
  readonly credit_price: Decimal;
  /** When it closes: the month's end, or now where that lies ahead. */
  readonly as_of: Instant;
  /** What there was at first. */
  readonly opening: StatementBalances;
  /** Everything that changed that, in order. */
  readonly activity: readonly StatementActivity[];
  /** How many rows of activity there are. */
  readonly entries: number;
  /** The commitments that ran in the month. */
  readonly burn_down: readonly StatementBurnDown[];
  /** What there is in the end. */
  readonly closing: StatementBalances;
  /** Whether the activity is the change of the ledger, account by account. */
  readonly reconciliation: StatementReconciliation;
}

export interface Milestone {
  /** The last day that counts towards it, in the organization's zone. */
  readonly on: string;
  /** What is to be used until then, from the term's beginning on. */
  readonly amount: Decimal;
}

export interface TakeOrPay {
  /** What is missing: billed and not used, or to be billed; while nothing is due yet, what would be due if nothing more were used. */
  readonly due: Decimal;
  /** The day at whose end it fell due, or will. */
  readonly due_on: string;
  /** Nothing, not yet, to be billed by the monthly run, or billed by it. */
  readonly status: Open<"none" | "pending" | "due" | "invoiced">;
}

export interface NextMilestone {
  /** Its last day. */
  readonly on: string;
  /** What is to be used until then, from the term's beginning on. */
  readonly amount: Decimal;
  /** What is missing for that. */
  readonly remaining: Decimal;
}

export interface CommitmentLineItem {
  /** When it was settled, or refunded. */
  readonly at: Instant;
  /** The order. */
  readonly order_id: Id;
  /** The caller's own id of it. */
  readonly reference: string;
  /** The line's place in the order, from 0. */
  readonly line: number;
  /** Whether it was taken back. */
  readonly is_refund: boolean;
  /** What was ordered. */
  readonly sku: string;
  /** What it is. */
  readonly description: string;
  /** The service that it belongs to. */
  readonly service: string | null;
  /** Its credits; negative where it was taken back. */
  readonly credits: Credits;
  /** What they are worth. */
  readonly amount: Decimal;
}

export interface Commitment {
  /** The commitment's id. */
  readonly id: Id;
  /** Who made it. */
  readonly organization_id: Id;
  /** Its name; those of one name follow each other. */
  readonly name: string;
  /** The term's first day, in the organization's zone. */
  readonly starts_on: string;
  /** The term's last day. */
  readonly ends_on: string;
  /** What is promised, as the prices of the organization's credits are: tax included where it pays before, without tax where it pays afterwards. */
  readonly amount: Decimal;
  /** The organization's. */
  readonly currency: string;
  /** What is to be used until when. */
  readonly milestones: readonly Milestone[];
  /** The services whose order lines count; all where none are named. */
  readonly eligible_services: readonly string[];
  /** Whether what is missing is billed at the end, or at each milestone, too. */
  readonly true_up: Open<"at_end" | "milestones">;
  /** How much of what is used beyond it counts for the next of its name. */
  readonly rollover_percent: number;
  /** What counts from the ones before it of its name. */
  readonly carried_in: Decimal;
  /** What became of it: `fulfilled` from the moment on that enough is used, `settled` when the term is over and what was missing is billed. */
  readonly status: Open<"upcoming" | "active" | "fulfilled" | "settled" | "cancelled">;
  /** What is to be used in the term: `amount` without `carried_in`. */
  readonly committed: Decimal;
  /** What was used in the term: settled order lines at the price of their credits. */
  readonly consumed: Decimal;
  /** What is missing of it. */
  readonly remaining: Decimal;
  /** `consumed` in hundredths of `committed`. */
  readonly consumed_percent: number;
  /** How much of the term is over, in hundredths. */
  readonly elapsed_percent: number;
  /** How `projected_total` compares with `committed`: `on` within 5 per cent. */
  readonly pace: Open<"ahead" | "on" | "behind">;
  /** What will have been used at the end if it goes on as it did from the start until now; null before the start. */
  readonly projected_total: Decimal | null;
  /** What would be missing then; null before the start. */
  readonly projected_shortfall: Decimal | null;
  /** What has to be paid without being used. */
  readonly take_or_pay: TakeOrPay;
  /** The milestone ahead, or null. */
  readonly next_milestone: NextMilestone | null;
  /** The newest thousand order lines that counted, newest first; where they were asked for. */
  readonly line_items?: readonly CommitmentLineItem[] | undefined;
  /** When it was made. */
  readonly created_at: Instant;
  /** When it was last changed, or something fell due. */
  readonly updated_at: Instant;
  /** When it was cancelled, or null. */
  readonly cancelled_at: Instant | null;
}

export interface IntegrationShown {
  /** The name to sign in with. */
  readonly id: string;
  /** The password to it, masked but for its end. */
  readonly token: string;
  /** Where to push to. */
  readonly endpoint: string;
  /** When a push last succeeded. */
  readonly last_pushed_at: Instant | null;
  /** Why the last push failed, or, for a day, how many lines were dropped; null where neither is. */
  readonly last_error: string | null;
}

export interface Integrations {
  /** Prometheus; null: figures go nowhere. */
  readonly prom: IntegrationShown | null;
  /** Loki; null: audit events go nowhere. */
  readonly loki: IntegrationShown | null;
}

export interface IntegrationAnswer {
  /** Whether the sample was taken: a status of 200 to 299. */
  readonly ok: boolean;
  /** The HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** How the answer begins, or why there was none: at most 500 characters, without control characters. */
  readonly detail: string;
  /** How long it took. */
  readonly milliseconds: number;
}

export interface StatusPlan {
  /** The plan's id; every version has its own. */
  readonly id: Id;
  /** Its name. */
  readonly name: string;
  /** Its place among the plans of the product. */
  readonly tier: string;
  /** The version that was subscribed to. */
  readonly version: number;
}

export interface StatusPeriod {
  /** Its first moment. */
  readonly start: Instant;
  /** The first moment of the next one. */
  readonly end: Instant;
}

export interface StatusUsage {
  /** What is counted. */
  readonly metric: string;
  /** Units of it so far. */
  readonly used: Quantity;
  /** Units that the plan includes in a period; null: there is no quota. */
  readonly included: number | null;
  /** What is left of those; null: there is no quota. */
  readonly remaining: Quantity | null;
  /** What was used beyond them, by the plan that was in force as it was used. */
  readonly overage: Quantity;
}

export interface StatusLimits {
  /** From how many credits of a period on it is announced; null: never. */
  readonly soft: Credits | null;
  /** The most credits that a period may spend; null: there is no limit. */
  readonly hard: Credits | null;
  /** Credits of this period, charged and held. */
  readonly spent: Credits;
}

export interface BillingStatus {
  /** The organization. */
  readonly organization_id: Id;
  /** `closed`, or that of its subscription to `platform`; `active` without one. */
  readonly status: Open<"active" | "trialing" | "past_due" | "paused" | "closed">;
  /** The plan of that subscription; null without. */
  readonly plan: StatusPlan | null;
  /** How the plan is paid; `monthly` without one. */
  readonly cycle: Open<"monthly" | "yearly">;
  /** What usage and limits are counted in: a month from the subscription's day on, also where it is paid by the year; a trial; without a subscription the calendar month. */
  readonly period: StatusPeriod;
  /** All credits: available and reserved. */
  readonly balance: Credits;
  /** Credits held by work in progress. */
  readonly reserved: Credits;
  /** Credits that can be spent now. */
  readonly available: Credits;
  /** Each metric that was used or has a quota, by its name. */
  readonly usage: readonly StatusUsage[];
  /** What the period may spend, in credits. */
  readonly limits: StatusLimits;
  /** Why the subscription is paused: {invoices: [{invoice_id, invoice_number, amount, timestamp, pause_reason, invoice_name, payment_link, severity}]}; null while it is not. */
  readonly pause_reason: JsonObject | null;
  /** From when on the present calendar month can be invoiced: the start of the next one, in the organization's time zone. */
  readonly next_invoice_at: Instant;
  /** Invoices that are issued and not paid. */
  readonly open_invoices: number;
}

export interface Lot {
  /** Where the credits came from: paid, promotional, free_tier or goodwill. */
  readonly source: string;
  /** What is left of them, reserved ones included. */
  readonly remaining: Credits;
  /** When they expire; never when null. */
  readonly expires_at: Instant | null;
}

export interface Balance {
  /** All credits: available and reserved. */
  readonly balance: Credits;
  /** Credits set aside for work in progress. */
  readonly reserved: Credits;
  /** Credits that can be spent now. */
  readonly available: Credits;
  /** Credits owed; new credits pay them first. */
  readonly debt: Credits;
  /** The organization's currency. */
  readonly currency: Currency;
  /** What the available credits cost in that currency. */
  readonly value: Decimal;
  /** The moment this was true. */
  readonly as_of: Instant;
  /** What the credits consist of, in the order in which they are drawn. */
  readonly lots: readonly Lot[];
}

export interface Transaction {
  /** The entry's id. */
  readonly id: Id;
  /** Its place among the organization's entries, from 1, without gaps. */
  readonly sequence: number;
  /** When it was booked. */
  readonly created_at: Instant;
  /** Why. */
  readonly reason: Open<"grant" | "topup" | "auto_topup" | "reservation" | "release" | "charge" | "refund" | "clawback" | "expiry" | "adjustment" | "plan_fee" | "overage" | "commitment_shortfall" | "invoice" | "payment" | "credit_note" | "write_off">;
  /** By how much the available credits changed. */
  readonly amount: Credits;
  /** By how much the reserved credits changed. */
  readonly reserved_change: Credits;
  /** Available credits behind it. */
  readonly available_after: Credits;
  /** Available and reserved credits behind it. */
  readonly balance_after: Credits;
  /** In words, where there are any. */
  readonly description: string | null;
  /** What it belongs to, or null. */
  readonly reference: Thing | null;
  /** Who caused it; the system itself has an id of zeros. */
  readonly actor: Thing;
}

export interface Topup {
  /** The top-up. */
  readonly id: Id;
  /** How far it is. `requires_action`: the card's holder has to authenticate, with the client secret. */
  readonly status: Open<"processing" | "requires_action" | "succeeded" | "failed">;
  /** Credits: booked where it succeeded, else asked for. */
  readonly credits: Credits;
  /** What was received where it succeeded, else what is to be charged; tax included. */
  readonly amount: Decimal;
  /** Of the amount. */
  readonly currency: string;
  /** The processor's name of the charge, once there is one. */
  readonly payment_intent_id: string | null;
  /** For the processor's library in the buyer's browser; only while it waits, and for who may buy. */
  readonly client_secret?: string | undefined;
  /** Why it failed, where it did. */
  readonly decline_code: string | null;
  /** In the buyer's words. */
  readonly description: string | null;
  /** What was given back of the amount. */
  readonly refunded: Decimal;
  /** The organization's credits behind it, available and reserved; so far where it is at work. */
  readonly balance: Credits;
  /** When it was begun. */
  readonly created_at: Instant;
}

export interface OrderLine {
  /** What is ordered, by the caller's own name for it. */
  readonly sku: string;
  /** What it is, for those who read an invoice. */
  readonly description: string;
  /** How much of it. */
  readonly quantity: Quantity;
  /** Credits for one. */
  readonly unit_credits: Credits;
  /** The service that it belongs to. */
  readonly service: string | null;
  /** Who provides it. */
  readonly operator: string | null;
  /** Whether it may count towards a commitment. */
  readonly commitment_eligible: boolean | null;
  /** Credits for all of it: their product, rounded half to even. */
  readonly credits: Credits;
}

export interface Order {
  /** The order's id. */
  readonly id: Id;
  /** The caller's own id. */
  readonly reference: string;
  /** What became of it. */
  readonly status: Open<"reserved" | "settled" | "cancelled" | "expired" | "refunded">;
  /** Credits that it holds, or once it is settled, that it was charged. */
  readonly credits: Credits;
  /** What is ordered; once it is settled, what was delivered. */
  readonly lines: readonly OrderLine[];
  /** The commitment that it is to count towards, or null. */
  readonly commitment_id: Id | null;
  /** When it was made. */
  readonly created_at: Instant;
  /** When its credits are given back, unless it is settled or cancelled before. */
  readonly hold_expires_at: Instant;
  /** When it was charged; null until then. */
  readonly settled_at: Instant | null;
}

export interface Estimate {
  /** What would be ordered, with what each line costs. */
  readonly lines: readonly OrderLine[];
  /** What it costs in all. */
  readonly credits: Credits;
  /** Credits that can be spent now. */
  readonly available: Credits;
  /** Whether the order would be taken now, by the credits and by the hard limit. */
  readonly sufficient: boolean;
}

export interface CancelledOrder {
  /** The order. */
  readonly orderId: Id;
  /** What became of it. */
  readonly status: Open<"reserved" | "settled" | "cancelled" | "expired" | "refunded">;
}

export interface TopupRefund {
  /** The refund. */
  readonly id: Id;
  /** The top-up that it is of. */
  readonly topup_id: Id;
  /** Who gets the money back. */
  readonly organization_id: Id;
  /** How much. */
  readonly amount: Decimal;
  /** In which currency. */
  readonly currency: string;
  /** `pending` while the card processor has not told; repeat with the same `Idempotency-Key` to learn more. */
  readonly status: Open<"pending" | "succeeded" | "failed">;
  /** The credits that were taken back for it; what is not there is owed. */
  readonly credits_clawed: Credits;
  /** When it was asked for. */
  readonly created_at: Instant;
}

export interface Invoice {
  /** The invoice. */
  readonly id: Id;
  /** Its number; null while it is a draft. */
  readonly number: string | null;
  /** A purchase of credits, or the bill of a month. */
  readonly kind: Open<"topup" | "run">;
  /** The month that it bills, YYYY-MM; null for a purchase. */
  readonly period: string | null;
  /** How far it is; only what is issued is still to be paid. */
  readonly status: Open<"draft" | "issued" | "paid" | "void" | "uncollectible">;
  /** Of all amounts. */
  readonly currency: string;
  /** Whether the lines' amounts include the tax. */
  readonly tax_included: boolean;
  /** The sum without tax. */
  readonly subtotal: Decimal;
  /** The tax; once per rate on the sum of its lines, half-even to a hundredth. */
  readonly tax: Decimal;
  /** Both together. */
  readonly total: Decimal;
  /** What was paid. */
  readonly paid: Decimal;
  /** What credit notes took off. */
  readonly credited: Decimal;
  /** What was given up as uncollectible. */
  readonly written_off: Decimal;
  /** What is left to be paid; below 0 where more was paid than is owed. */
  readonly due: Decimal;
  /** Until when it is to be paid. */
  readonly due_at: Instant | null;
  /** When it was issued. */
  readonly issued_at: Instant | null;
  /** When all of it was paid. */
  readonly paid_at: Instant | null;
  /** The purchase, or the charge to a card that paid it. */
  readonly payment_id: Id | null;
  /** What a payment outside was booked under. */
  readonly reference: string | null;
  /** What was too much and was given back outside was booked under. */
  readonly refund_reference: string | null;
  /** When an automatic charge for it first failed. */
  readonly failed_at: Instant | null;
  /** When the next automatic charge is due; null: none is. */
  readonly retry_at: Instant | null;
  /** How many lines it has. */
  readonly lines_count: number;
  /** How many orders it bills. */
  readonly orders_count: number;
  /** When it was drawn up. */
  readonly created_at: Instant;
  /** Where it is as a PDF, with the same token; null for a draft. */
  readonly pdf_url: string | null;
}

export interface InvoiceParty {
  /** The name. */
  readonly name: string;
  /** The lines of the address. */
  readonly address: readonly string[];
  /** The country, ISO 3166-1 alpha-2, or its name. */
  readonly country: string | null;
  /** The tax number, with what kind of number it is. */
  readonly tax_number: string | null;
}

export interface InvoiceLine {
  /** Its place, from 1. */
  readonly position: number;
  /** What kind of thing it is for. */
  readonly kind: Open<"topup" | "plan_fee" | "overage" | "usage" | "orders" | "refund" | "commitment_shortfall" | "late_usage">;
  /** What it is for, in words. */
  readonly description: string;
  /** How much of it; null where that is not counted. */
  readonly quantity: Quantity | null;
  /** What is counted. */
  readonly unit: string | null;
  /** The price of one; null where the amount is no product. */
  readonly unit_price: Decimal | null;
  /** The credits that it is the value of. */
  readonly credits: Credits | null;
  /** The amount before it was rounded. */
  readonly exact: Decimal;
  /** The amount, rounded half-even to a hundredth. */
  readonly amount: Decimal;
  /** The tax; null: none. */
  readonly tax_rate_name: string | null;
  /** Its rate, in millionths. */
  readonly tax_rate: number;
  /** Its part of the tax; the largest line at a rate takes what rounding leaves. */
  readonly tax: Decimal;
  /** From when on it counts. */
  readonly from: Instant | null;
  /** Until when. */
  readonly to: Instant | null;
  /** What it was computed from. */
  readonly source: JsonObject | null;
}

export interface InvoiceTaxSum {
  /** The tax; null: none. */
  readonly name: string | null;
  /** Its rate, in millionths. */
  readonly rate: number;
  /** The sum at that rate, without the tax. */
  readonly net: Decimal;
  /** The tax. */
  readonly tax: Decimal;
}

export interface CreditNote {
  /** The credit note. */
  readonly id: Id;
  /** Its number, of a series of its own. */
  readonly number: string;
  /** Whose it is. */
  readonly organization_id: Id;
  /** The invoice that it corrects. */
  readonly invoice_id: Id;
  /** That one's number. */
  readonly invoice_number: string;
  /** Why. */
  readonly reason: string;
  /** Of the amounts. */
  readonly currency: string;
  /** What it takes off, tax included; below 0 where it takes back a note whose refund failed. */
  readonly amount: Decimal;
  /** The tax in it: the invoice's in proportion, so that notes over all of it add up. */
  readonly tax: Decimal;
  /** Of a monthly run: what it gives back. */
  readonly source: JsonObject | null;
  /** Of a purchase: the refund that it documents, where it is known. */
  readonly refund_id: Id | null;
  /** When it was issued. */
  readonly created_at: Instant;
}

export interface InvoiceDetails {
  /** The invoice. */
  readonly id: Id;
  /** Its number; null while it is a draft. */
  readonly number: string | null;
  /** A purchase of credits, or the bill of a month. */
  readonly kind: Open<"topup" | "run">;
  /** The month that it bills, YYYY-MM; null for a purchase. */
  readonly period: string | null;
  /** How far it is; only what is issued is still to be paid. */
  readonly status: Open<"draft" | "issued" | "paid" | "void" | "uncollectible">;
  /** Of all amounts. */
  readonly currency: string;
  /** Whether the lines' amounts include the tax. */
  readonly tax_included: boolean;
  /** The sum without tax. */
  readonly subtotal: Decimal;
  /** The tax; once per rate on the sum of its lines, half-even to a hundredth. */
  readonly tax: Decimal;
  /** Both together. */
  readonly total: Decimal;
  /** What was paid. */
  readonly paid: Decimal;
  /** What credit notes took off. */
  readonly credited: Decimal;
  /** What was given up as uncollectible. */
  readonly written_off: Decimal;
  /** What is left to be paid; below 0 where more was paid than is owed. */
  readonly due: Decimal;
  /** Until when it is to be paid. */
  readonly due_at: Instant | null;
  /** When it was issued. */
  readonly issued_at: Instant | null;
  /** When all of it was paid. */
  readonly paid_at: Instant | null;
  /** The purchase, or the charge to a card that paid it. */
  readonly payment_id: Id | null;
  /** What a payment outside was booked under. */
  readonly reference: string | null;
  /** What was too much and was given back outside was booked under. */
  readonly refund_reference: string | null;
  /** When an automatic charge for it first failed. */
  readonly failed_at: Instant | null;
  /** When the next automatic charge is due; null: none is. */
  readonly retry_at: Instant | null;
  /** How many lines it has. */
  readonly lines_count: number;
  /** How many orders it bills. */
  readonly orders_count: number;
  /** When it was drawn up. */
  readonly created_at: Instant;
  /** Where it is as a PDF, with the same token; null for a draft. */
  readonly pdf_url: string | null;
  /** Who issues it, as it was then. */
  readonly issuer: InvoiceParty;
  /** Who it is for, as it was then. */
  readonly customer: InvoiceParty;
  /** Its lines. */
  readonly lines: readonly InvoiceLine[];
  /** The tax by its rates. */
  readonly taxes: readonly InvoiceTaxSum[];
  /** What corrects it, oldest first. */
  readonly credit_notes: readonly CreditNote[];
}

export interface InvoicePayment {
  /** The charge. */
  readonly id: Id;
  /** `succeeded`; `processing`: it is not known yet; `requires_action`: the card's holder has to authenticate; or `failed`. */
  readonly status: string;
  /** What the card is charged. */
  readonly amount: Decimal;
  /** For the processor's library in the payer's browser; only while it waits. */
  readonly client_secret?: string | undefined;
}

export interface ChargedInvoice {
  /** The invoice. */
  readonly id: Id;
  /** Its number; null while it is a draft. */
  readonly number: string | null;
  /** A purchase of credits, or the bill of a month. */
  readonly kind: Open<"topup" | "run">;
  /** The month that it bills, YYYY-MM; null for a purchase. */
  readonly period: string | null;
  /** How far it is; only what is issued is still to be paid. */
  readonly status: Open<"draft" | "issued" | "paid" | "void" | "uncollectible">;
  /** Of all amounts. */
  readonly currency: string;
  /** Whether the lines' amounts include the tax. */
  readonly tax_included: boolean;
  /** The sum without tax. */
  readonly subtotal: Decimal;
  /** The tax; once per rate on the sum of its lines, half-even to a hundredth. */
  readonly tax: Decimal;
  /** Both together. */
  readonly total: Decimal;
  /** What was paid. */
  readonly paid: Decimal;
  /** What credit notes took off. */
  readonly credited: Decimal;
  /** What was given up as uncollectible. */
  readonly written_off: Decimal;
  /** What is left to be paid; below 0 where more was paid than is owed. */
  readonly due: Decimal;
  /** Until when it is to be paid. */
  readonly due_at: Instant | null;
  /** When it was issued. */
  readonly issued_at: Instant | null;
  /** When all of it was paid. */
  readonly paid_at: Instant | null;
  /** The purchase, or the charge to a card that paid it. */
  readonly payment_id: Id | null;
  /** What a payment outside was booked under. */
  readonly reference: string | null;
  /** What was too much and was given back outside was booked under. */
  readonly refund_reference: string | null;
  /** When an automatic charge for it first failed. */
  readonly failed_at: Instant | null;
  /** When the next automatic charge is due; null: none is. */
  readonly retry_at: Instant | null;
  /** How many lines it has. */
  readonly lines_count: number;
  /** How many orders it bills. */
  readonly orders_count: number;
  /** When it was drawn up. */
  readonly created_at: Instant;
  /** Where it is as a PDF, with the same token; null for a draft. */
  readonly pdf_url: string | null;
  /** The charge to the card. */
  readonly payment: InvoicePayment;
}

export interface SetupSecret {
  /** The secret that the processor's form in the browser is given. */
  readonly client_secret: string;
  /** The processor's name of what was begun. */
  readonly setup_intent_id: string;
  /** The processor's name of the organization. */
  readonly customer_id: string;
  /** Whether real cards are charged: `live`, or else `test`. */
  readonly env: Open<"test" | "live">;
}

export interface PaymentMethod {
  /** The payment method's id here. */
  readonly id: Id;
  /** The card processor that keeps it. */
  readonly provider: string;
  /** The card's brand, as the processor writes it. */
  readonly brand: string;
  /** The last four digits of its number. */
  readonly last4: string;
  /** The month it expires in, 1 to 12. */
  readonly exp_month: number;
  /** The year it expires in. */
  readonly exp_year: number;
  /** Whether it is charged when no other is named. */
  readonly isDefault: boolean;
  /** When it was attached. */
  readonly created_at: Instant;
}

export interface Detached {
  /** It can't be charged any longer. */
  readonly ok: boolean;
  /** The payment method. */
  readonly id: Id;
}

export interface Approval {
  /** The approval. */
  readonly id: Id;
  /** Who buys. */
  readonly organization_id: Id;
  /** How many credits. */
  readonly credits: Credits;
  /** What the card is charged for them, tax included. */
  readonly amount: Decimal;
  /** Of the amount. */
  readonly currency: string;
  /** What became of it. It stays `pending` while its charge is in flight: `topup_id` is set then. */
  readonly status: Open<"pending" | "approved" | "rejected" | "expired">;
  /** The person or key that asked. */
  readonly requested_by: Id;
  /** When. */
  readonly requested_at: Instant;
  /** Until when it can be decided; a charge in flight is waited for. */
  readonly expires_at: Instant;
  /** The person who approved or rejected it. */
  readonly decided_by: Id | null;
  /** When that took effect. */
  readonly decided_at: Instant | null;
  /** Why it was rejected, where the person said so. */
  readonly reason: string | null;
  /** The purchase in flight, or that succeeded. */
  readonly topup_id: Id | null;
  /** Why the last charge failed; another one can be tried. */
  readonly last_error: string | null;
}

export interface AutoTopup {
  /** Whether credits are bought by themselves; false where it was never set. */
  readonly enabled: boolean;
  /** Below so many available credits; null where it was never set. */
  readonly threshold_credits: Credits | null;
  /** In multiples of so many; null where it was never set. */
  readonly topup_amount_credits: Credits | null;
  /** What a day's charges may reach; null: no cap. */
  readonly daily_charge_cap_aud: number | null;
  /** What they have reached since midnight in the organization's time zone. */
  readonly charged_today_aud: number;
  /** `paused` until a person sets it anew; `off` where it is not enabled. */
  readonly state: Open<"active" | "paused" | "off">;
  /** When a card was last charged for it. */
  readonly last_attempt_at: Instant | null;
  /** Why nothing is charged at present. */
  readonly last_error: string | null;
}

export interface ProviderInvoice {
  /** The processor's id of it. */
  readonly id: string;
  /** Its number; null while it is a draft. */
  readonly number: string | null;
  /** The processor's word for its state. */
  readonly status: string;
  /** Of the amounts. */
  readonly currency: string;
  /** What it asks for. */
  readonly amount_due: Decimal;
  /** What was paid of it. */
  readonly amount_paid: Decimal;
  /** When it was made. */
  readonly created: Instant;
  /** A page that shows it. */
  readonly hosted_invoice_url: string | null;
  /** It as a PDF. */
  readonly pdf_url: string | null;
}

export interface Invoices {
  /** The invoices. */
  readonly data: readonly ProviderInvoice[];
  /** The processor could not be asked, so that there may be some that are not shown. */
  readonly degraded: boolean;
}

export interface Receipt {
  /** The event is taken in, or is of no interest, or was taken in before. */
  readonly received: boolean;
}

export interface PlanPrice {
  /** What to start a subscription with. */
  readonly price_id: string;
  /** The price of a cycle. */
  readonly amount: Decimal;
}

export interface Plan {
  /** The plan's id; every version has its own. */
  readonly id: Id;
  /** What it is a plan of. */
  readonly product: Open<"platform" | "spaces">;
  /** Its name. */
  readonly name: string;
  /** Its place among the plans of the product. */
  readonly tier: string;
  /** Counts the versions of this tier. */
  readonly version: number;
  /** Whether it can be subscribed to: a draft not yet, a retired one no more. */
  readonly status: Open<"draft" | "published" | "retired">;
  /** The currency of its prices. */
  readonly currency: string;
  /** The price by the month; null where it is not sold so. */
  readonly monthly: PlanPrice | null;
  /** The price by the year; null where it is not sold so. */
  readonly yearly: PlanPrice | null;
  /** Features by name: a boolean, an integer or a string. */
  readonly features: JsonObject | null;
  /** By metric: units included in a cycle, and the price of one more (null: none is sold). */
  readonly quotas: JsonObject | null;
  /** Days that are free at first. */
  readonly trial_days: number;
}

export interface SubscriptionPeriod {
  /** Its first moment. */
  readonly start: Instant;
  /** The next one's first moment. */
  readonly end: Instant;
}

export interface SubscriptionWaiting {
  /** The payment; a top-up, for those who list them. */
  readonly id: Id;
  /** How far it is. */
  readonly status: Open<"processing" | "requires_action" | "succeeded" | "failed">;
  /** For the processor's library in the browser of the card's holder; only while it waits for that person. */
  readonly client_secret?: string | undefined;
}

export interface SubscriptionNext {
  /** The plan. */
  readonly plan_id: Id;
  /** Its price. */
  readonly price_id: string | null;
  /** How it is paid. */
  readonly cycle: Open<"monthly" | "yearly">;
  /** How many seats. */
  readonly seats: number;
}

export interface Subscription {
  /** The subscription. */
  readonly id: Id;
  /** What it is a subscription to. */
  readonly product: Open<"platform" | "spaces">;
  /** The version of the plan that it keeps until it is changed. */
  readonly plan_id: Id;
  /** Its price. */
  readonly price_id: string | null;
  /** How it is paid. */
  readonly cycle: Open<"monthly" | "yearly">;
  /** How many times the price is paid. */
  readonly seats: number;
  /** `incomplete`: the first fee waits for its payment. */
  readonly status: Open<"incomplete" | "trialing" | "active" | "past_due" | "paused" | "cancelled">;
  /** What the present fee is for, or the trial. */
  readonly period: SubscriptionPeriod;
  /** When the trial ends, or ended. */
  readonly trial_end: Instant | null;
  /** When it ends, where that is known. */
  readonly cancel_at: Instant | null;
  /** While paused: the invoices that were not paid. */
  readonly pause_reason: JsonObject | null;
  /** The card payment that it waits for. */
  readonly payment: SubscriptionWaiting | null;
  /** What it becomes when that is paid. */
  readonly next_change: SubscriptionNext | null;
}

export interface CardCharge {
  /** What the card is charged, tax included. */
  readonly amount: Decimal;
  /** The tax in it. */
  readonly tax: Decimal;
  /** Of both. */
  readonly currency: string;
}

export interface FeeLine {
  /** What for. */
  readonly description: string;
  /** From when on. */
  readonly from: Instant;
  /** Until when. */
  readonly to: Instant;
  /** How long that is, in seconds of the clock. */
  readonly seconds: number;
  /** How long the whole price is for; the rest is rounded half-even to a credit. */
  readonly of_seconds: number;
  /** Credits; negative where they are given back. */
  readonly credits: Credits;
}

export interface TurnPreview {
  /** Credits that it costs now. */
  readonly charge_credits: Credits;
  /** What the default card is charged; null where it is not. */
  readonly charge: CardCharge | null;
  /** Credits that come back. */
  readonly credit_back: Credits;
  /** Where the credits come from; null where it costs none. */
  readonly paid_from: Open<"available" | "card" | "account"> | null;
  /** The period behind it. */
  readonly period: SubscriptionPeriod;
  /** What the credits are the sum of. */
  readonly lines: readonly FeeLine[];
  /** The subscription behind it. */
  readonly subscription: Subscription;
}

export interface RunStep {
  /** The step. */
  readonly name: string;
  /** `skipped`: there was nothing to do; `parked`: it waits for an operator; `waiting`: for a payment. */
  readonly status: Open<"done" | "skipped" | "parked" | "waiting">;
  /** What was done, or why not. */
  readonly detail: string | null;
}

export interface RunTotals {
  /** Of the amounts. */
  readonly currency: string;
  /** How many lines the month comes to. */
  readonly lines: number;
  /** How many orders are in them. */
  readonly orders: number;
  /** Credits that were taken from those available. */
  readonly credits: Credits;
  /** Of the invoice, without tax. */
  readonly subtotal: Decimal;
  /** Of the invoice. */
  readonly tax: Decimal;
  /** Of the invoice, with tax. */
  readonly total: Decimal;
}

export interface MonthlyRun {
  /** Whose month it is. */
  readonly organization_id: Id;
  /** The month. */
  readonly period: string;
  /** What became of it; `failed` can be run again. */
  readonly status: Open<"completed" | "nothing_to_do" | "failed">;
  /** The invoice of what credits did not pay; null where there is none. */
  readonly invoice_id: Id | null;
  /** SHA-256 over the lines in their order, in hexadecimal digits; running it again has to find the same. */
  readonly digest: string | null;
  /** What was done, step by step. */
  readonly steps: readonly RunStep[];
  /** What it comes to. */
  readonly totals: RunTotals;
  /** Why it failed; null where it did not. */
  readonly problem: string | null;
}

export interface RunLine {
  /** Its place among the run's lines; from 1. */
  readonly position: number;
  /** What kind of thing is billed. */
  readonly kind: string;
  /** What for. */
  readonly description: string;
  /** How much of it. */
  readonly quantity: Quantity | null;
  /** Of what. */
  readonly unit: string | null;
  /** For one, in the organization's currency. */
  readonly unit_price: Decimal | null;
  /** What it comes to in credits. */
  readonly credits: Credits | null;
  /** What it comes to in money, exact. */
  readonly amount: Decimal;
  /** `available`: its credits were taken; `account`: it is owed, and invoiced; `invoice`: it is invoiced. */
  readonly paid_from: string;
  /** From when on. */
  readonly from_at: Instant | null;
  /** Until when. */
  readonly to_at: Instant | null;
  /** What it was computed from. */
  readonly source: JsonObject | null;
}

export interface PreviewedRun {
  /** Whose month it is. */
  readonly organization_id: Id;
  /** The month. */
  readonly period: string;
  /** What became of it; `failed` can be run again. */
  readonly status: Open<"completed" | "nothing_to_do" | "failed">;
  /** The invoice of what credits did not pay; null where there is none. */
  readonly invoice_id: Id | null;
  /** SHA-256 over the lines in their order, in hexadecimal digits; running it again has to find the same. */
  readonly digest: string | null;
  /** What was done, step by step. */
  readonly steps: readonly RunStep[];
  /** What it comes to. */
  readonly totals: RunTotals;
  /** Why it failed; null where it did not. */
  readonly problem: string | null;
  /** What it comes to, line by line. */
  readonly lines: readonly RunLine[];
}

export interface PreviewedInvoice {
  /** The month. */
  readonly period: string;
  /** Of the amounts. */
  readonly currency: string;
  /** Whether the lines' amounts hold the tax. */
  readonly tax_included: boolean;
  /** Without tax. */
  readonly subtotal: Decimal;
  /** The tax. */
  readonly tax: Decimal;
  /** Both. */
  readonly total: Decimal;
  /** How many lines there are. */
  readonly lines_count: number;
  /** How many orders are in them. */
  readonly orders_count: number;
  /** Credits that pay what stands on no invoice. */
  readonly credits: Credits;
  /** The lines. */
  readonly lines: readonly InvoiceLine[];
  /** The sum at each rate. */
  readonly taxes: readonly InvoiceTaxSum[];
}

export interface ListedRun {
  /** Whose month it is. */
  readonly organization_id: Id;
  /** The month. */
  readonly period: string;
  /** How far it is; what is `failed` waits until somebody runs it again. */
  readonly status: Open<"running" | "completed" | "nothing_to_do" | "failed">;
  /** The step that it goes on with; null where it has ended. */
  readonly next_step: string | null;
  /** Why it failed; null where it did not. */
  readonly problem: string | null;
  /** The invoice; null where there is none. */
  readonly invoice_id: Id | null;
  /** SHA-256 over its lines; null before it has ended. */
  readonly digest: string | null;
  /** Of the amounts. */
  readonly currency: string;
  /** How many lines the month comes to. */
  readonly lines: number;
  /** How many orders are in them. */
  readonly orders: number;
  /** Credits that were taken from those available. */
  readonly credits: Credits;
  /** Of the invoice, without tax. */
  readonly subtotal: Decimal;
  /** Of the invoice. */
  readonly tax: Decimal;
  /** Of the invoice, with tax. */
  readonly total: Decimal;
  /** When it was begun. */
  readonly started_at: Instant;
  /** When it ended, or failed. */
  readonly finished_at: Instant | null;
}

export interface RunProgress {
  /** The month. */
  readonly period: string;
  /** Organizations that were there by its end. */
  readonly total: number;
  /** Of them, whose month is run. */
  readonly done: number;
  /** Of them, whose run has failed, or is parked. */
  readonly failed: number;
}

export interface UsageRejection {
  /** The event's place in the body, from 0; empty lines do not count. */
  readonly index: number;
  /** Where in the event the fault is. */
  readonly pointer: string;
  /** What is wrong. */
  readonly detail: string;
}

export interface UsageRecorded {
  /** Events that were new, and are counted now. */
  readonly accepted: number;
  /** Events that were counted before, or stand in the body before. */
  readonly duplicates: number;
  /** Events that can't be counted. */
  readonly rejected_total: number;
  /** The first 1,000 of those, and why. */
  readonly rejected: readonly UsageRejection[];
}

export interface Authorization {
  /** Whether it may be used. */
  readonly allowed: boolean;
  /** What is left of the cycle's quota, when what is held is taken off; null where the plan has no quota of it. */
  readonly remaining: Quantity | null;
  /** Why not; only where it may not. */
  readonly reason?: Open<"quota_exceeded" | "insufficient_credits" | "limit_reached"> | undefined;
  /** What to commit or release; only where it is held. */
  readonly hold_id?: Id | undefined;
}

export interface EndedHold {
  /** The hold. */
  readonly hold_id: Id;
  /** What became of it. */
  readonly status: Open<"committed" | "released" | "lapsed">;
  /** How much was used. */
  readonly quantity: Quantity;
  /** What was charged for it. */
  readonly credits: Credits;
}

export interface UsageCycleShown {
  /** When it began. */
  readonly start: Instant;
  /** When the next one begins. */
  readonly end: Instant;
}

export interface UsagePart {
  /** The service; empty where none was named. */
  readonly service: string;
  /** The operator; empty where none was named. */
  readonly operator: string;
  /** How much was used, in the metric's unit. */
  readonly used: Quantity;
  /** By how many events. */
  readonly events: number;
  /** What that cost, as senders say, in the organization's currency. */
  readonly cost: Decimal;
  /** What it saved. */
  readonly saving: Decimal;
}

export interface UsageOfMetric {
  /** The metric. */
  readonly metric: string;
  /** How events make its value. */
  readonly aggregation: Open<"sum" | "count" | "max" | "last" | "unique">;
  /** What one of it is. */
  readonly unit: string;
  /** How much was used. */
  readonly used: Quantity;
  /** How much is held for what is about to be used. */
  readonly held: Quantity;
  /** What the plan includes in a cycle; null: there is no quota. */
  readonly included: number | null;
  /** What is left of that, without what is held; null without a quota. */
  readonly remaining: Quantity | null;
  /** What was used beyond it, by the plan that was in force as it was used. */
  readonly overage: Quantity;
  /** By how many events. */
  readonly events: number;
  /** What that cost, as senders say, in the organization's currency. */
  readonly cost: Decimal;
  /** What it saved. */
  readonly saving: Decimal;
  /** Credits that were taken for it, of a metric with a price. */
  readonly charged: Credits;
  /** The same by service and operator; of all metrics the first 1,000 rows, by name. */
  readonly by_service: readonly UsagePart[];
}

export interface UsageCurrent {
  /** The organization. */
  readonly organization_id: Id;
  /** The running cycle. */
  readonly cycle: UsageCycleShown;
  /** Every metric that was used in it, or has a quota in the plan, by name. */
  readonly metrics: readonly UsageOfMetric[];
}

export interface UsagePast {
  /** When the cycle began. */
  readonly start: Instant;
  /** When it ended, or will. */
  readonly end: Instant;
  /** The day in the organization's time zone; null in a row of a whole cycle. */
  readonly day: string | null;
  /** The metric. */
  readonly metric: string;
  /** How events make its value. */
  readonly aggregation: Open<"sum" | "count" | "max" | "last" | "unique">;
  /** What one of it is. */
  readonly unit: string;
  /** How much was used. */
  readonly used: Quantity;
  /** By how many events. */
  readonly events: number;
  /** What that cost, as senders say, in the organization's currency. */
  readonly cost: Decimal;
  /** What it saved. */
  readonly saving: Decimal;
  /** What the cycle's plan included; null without a quota, and in a day's row. */
  readonly included: number | null;
  /** What of it came after the cycle was closed; null in a day's row. */
  readonly late: Quantity | null;
}

export interface UsageMetric {
  /** What events call it. */
  readonly name: string;
  /** How events make its value. */
  readonly aggregation: Open<"sum" | "count" | "max" | "last" | "unique">;
  /** What one of it is. */
  readonly unit: string;
  /** Of `unique`: the property whose different values are counted. */
  readonly property: string | null;
  /** Credits for one unit, charged as it is used; null: it is not. */
  readonly unit_credits: Quantity | null;
  /** When it was made. */
  readonly created_at: Instant;
}

export interface NewApiKey {
  /** The key's id; not a secret. */
  readonly id: Id;
  /** The token itself. It is shown here and never again. */
  readonly key: string;
  /** How the token begins, to recognize it by. */
  readonly prefix: string;
  /** What the key is for. */
  readonly name: string;
  /** Scopes and wildcards the key holds. */
  readonly permissions: readonly string[];
  /** Requests a minute of this key alone; none of its own when null. */
  readonly rate_limit: number | null;
  /** From then on the key is refused; never when null. */
  readonly expires_at: Instant | null;
  /** When the key was made. */
  readonly created_at: Instant;
}

export interface ApiKey {
  /** The key's id; not a secret. */
  readonly id: Id;
  /** How the token begins, to recognize it by. */
  readonly prefix: string;
  /** What the key is for. */
  readonly name: string;
  /** Scopes and wildcards the key holds. */
  readonly permissions: readonly string[];
  /** Requests a minute of this key alone; none of its own when null. */
  readonly rate_limit: number | null;
  /** From then on the key is refused; never when null. */
  readonly expires_at: Instant | null;
  /** When the key was revoked; it works while null. */
  readonly revoked_at: Instant | null;
  /** When the key was last accepted, to about a minute. */
  readonly last_used_at: Instant | null;
  /** When the key was made. */
  readonly created_at: Instant;
  /** The key that a rotation put in its place, or null. */
  readonly replaced_by: Id | null;
}

export interface Revoked {
  /** The key is dead, in every worker. */
  readonly ok: boolean;
  /** The key. */
  readonly id: Id;
}

export interface CreatedUser {
  /** The person's id. */
  readonly id: Id;
}

export interface Whoami {
  /** What the token stands for. */
  readonly principal_type: Open<"api_key" | "operator" | "user">;
  /** The id of the key or the person. */
  readonly principal_id: Id;
  /** The organization that it acts for, or null. */
  readonly organization: OrganizationTiny | null;
  /** The person's role there, or null. */
  readonly role: Open<"owner" | "admin" | "billing" | "member" | "viewer"> | null;
  /** The scopes that it holds. */
  readonly scopes: readonly string[];
  /** From then on the token is refused; never when null. */
  readonly expires_at: Instant | null;
}

export interface SessionTokens {
  /** The token to call with. */
  readonly access_token: string;
  /** Gives new tokens, once; keep it apart. */
  readonly refresh_token: string;
  /** How the access token is sent: `Bearer`. */
  readonly token_type: string;
  /** Seconds until the access token is refused. */
  readonly expires_in: number;
  /** The scopes that the session holds, separated by blanks. */
  readonly scope: string;
  /** The organization that the session acts for, or null. */
  readonly organization_id: Id | null;
}

export interface Session {
  /** The session's id. */
  readonly id: Id;
  /** Whether this request came by it. */
  readonly current: boolean;
  /** The organization it acts for, or null. */
  readonly organization_id: Id | null;
  /** From where the person signed in. */
  readonly address: string | null;
  /** With what, as the program called itself. */
  readonly user_agent: string | null;
  /** When the person signed in. */
  readonly created_at: Instant;
  /** When it was refreshed last. */
  readonly refreshed_at: Instant;
  /** Until when it can be refreshed. */
  readonly expires_at: Instant;
}

export interface RevokedSessions {
  /** What was named has ended, in every worker. */
  readonly ok: boolean;
  /** The session; null where all others were meant. */
  readonly id: Id | null;
  /** How many sessions ended by this request. */
  readonly ended: number;
}

export interface Switched {
  /** The session; all its tokens act for the organization from now on. */
  readonly session_id: Id;
  /** The organization it acts for. */
  readonly organization: OrganizationTiny;
  /** Your role there. */
  readonly role: Open<"owner" | "admin" | "billing" | "member" | "viewer">;
  /** The scopes that the session holds there, separated by blanks. */
  readonly scope: string;
}

export interface ChangedPassword {
  /** How many other sessions of the person ended. */
  readonly sessions_ended: number;
}

export type Nothing = Record<string, unknown>;

export interface OauthToken {
  /** The token to call with. */
  readonly access_token: string;
  /** How it is sent: `Bearer`. */
  readonly token_type: string;
  /** Seconds until it is refused. */
  readonly expires_in: number;
  /** Gives new tokens, once; none for client credentials. */
  readonly refresh_token?: string | undefined;
  /** The scopes that it holds, separated by blanks. */
  readonly scope: string;
}

export interface NewEventSubscription {
  /** The subscription. */
  readonly id: Id;
  /** What its events are signed with (Standard Webhooks). It is shown here and never again. */
  readonly secret: string;
  /** The type it is for, or `*` for all. */
  readonly event_type: string;
  /** Where its events go. */
  readonly endpoint_url: string;
  /** What members of `data` have to equal, or null. */
  readonly filter_config: JsonObject | null;
  /** Its own headers, their values masked, or null. */
  readonly headers: JsonObject | null;
  /** What it is for, or null. */
  readonly description: string | null;
  /** Always `active` at first. */
  readonly status: Open<"active" | "paused">;
  /** When it was made. */
  readonly created_at: Instant;
}

export interface EventSubscription {
  /** The subscription. */
  readonly id: Id;
  /** The type it is for, or `*` for all. */
  readonly event_type: string;
  /** Where its events go. */
  readonly endpoint_url: string;
  /** What members of `data` have to equal, or null. */
  readonly filter_config: JsonObject | null;
  /** Its own headers, their values masked, or null. */
  readonly headers: JsonObject | null;
  /** What it is for, or null. */
  readonly description: string | null;
  /** While it is paused, what waits for it is kept 30 days. */
  readonly status: Open<"active" | "paused">;
  /** Why it was paused, or null. */
  readonly pause_reason: string | null;
  /** Until then the secret before signs too, or null. */
  readonly old_secret_until: Instant | null;
  /** When it was made. */
  readonly created_at: Instant;
  /** When it was changed last. */
  readonly updated_at: Instant;
}

export interface SubscriptionDeleted {
  /** Nothing is sent there any more. */
  readonly ok: boolean;
  /** The subscription. */
  readonly id: Id;
}

export interface RotatedSecret {
  /** The subscription. */
  readonly id: Id;
  /** The new secret. It is shown here and never again. */
  readonly secret: string;
  /** Until then the secret before signs too, or null. */
  readonly old_secret_until: Instant | null;
}

export interface DeliveryAttempt {
  /** From 1. */
  readonly attempt: number;
  /** When it began. */
  readonly at: Instant;
  /** The HTTP status of the answer; null where there was none. */
  readonly status: number | null;
  /** How the answer began, or why there was none. */
  readonly detail: string;
  /** How long it took. */
  readonly milliseconds: number;
}

export interface EventDelivery {
  /** The delivery. */
  readonly id: Id;
  /** Where it goes. */
  readonly subscription_id: Id;
  /** What is delivered; the header `webhook-id`. */
  readonly event_id: Id;
  /** The event's type. */
  readonly event_type: string;
  /** `pending` while another attempt will be made. */
  readonly status: Open<"pending" | "delivered" | "failed">;
  /** When that is due, once the subscription is active; null where there will be none. */
  readonly next_attempt_at: Instant | null;
  /** Every attempt, the first one first. */
  readonly attempts: readonly DeliveryAttempt[];
  /** When the event was queued. */
  readonly created_at: Instant;
  /** When it arrived last, or null. */
  readonly delivered_at: Instant | null;
}

export interface SubscriptionTested {
  /** Whether it was answered with 2xx. */
  readonly ok: boolean;
  /** The subscription. */
  readonly id: Id;
  /** The HTTP status of the answer; null where there was none. */
  readonly status: number | null;
  /** How the answer begins, or why there was none. */
  readonly detail: string;
  /** How long it took. */
  readonly milliseconds: number;
}

export interface Event {
  /** The event. Whoever gets it twice knows it by this. */
  readonly event_id: Id;
  /** What happened. */
  readonly event_type: string;
  /** When. */
  readonly timestamp: Instant;
  /** Where. */
  readonly organization_id: Id;
  /** What kind of thing it happened to. */
  readonly entity_type: string;
  /** The thing. */
  readonly entity_id: Id;
  /** What there is to say of it, by the type. */
  readonly data: JsonObject | null;
}

export interface Notification {
  /** The notification; the id of the event that it tells of. */
  readonly id: Id;
  /** Where it happened, or null. */
  readonly organization: OrganizationTiny | null;
  /** The type of the event. */
  readonly type: string;
  /** What happened, in a sentence. */
  readonly title: string;
  /** What it happened to. */
  readonly entity: Thing;
  /** What the event says of it. */
  readonly data: JsonObject | null;
  /** When it happened. */
  readonly created_at: Instant;
  /** When the person read it; null until then. */
  readonly read_at: Instant | null;
}

export interface UnreadCount {
  /** How many notifications were not read yet. */
  readonly unread: number;
}

export interface Marked {
  /** How many notifications had not been read before. */
  readonly marked: number;
}

export interface Dismissed {
  /** It is gone from the inbox. */
  readonly ok: boolean;
  /** The notification. */
  readonly id: Id;
}

export interface Deed {
  /** The call's own id. */
  readonly id: Id;
  /** When it was done. */
  readonly at: Instant;
  /** Who did it; the system itself, and whoever is not known, have an id of zeros. */
  readonly actor: Thing;
  /** From where; null for an operator and for the system itself. */
  readonly address: string | null;
  /** What was done. */
  readonly operation: string;
  /** What it was done to, or null. */
  readonly target: Thing | null;
  /** `ok`, or the code of the problem that was committed. */
  readonly outcome: string;
  /** The request it was done by. */
  readonly request_id: string;
}

export interface AdminUser {
  /** The person's id. */
  readonly id: Id;
  /** The e-mail address; null once erased. */
  readonly email: string | null;
  /** The name. */
  readonly name: string;
  /** How many organizations the person is a member of. */
  readonly organizations_count: number;
  /** When the person signed up. */
  readonly created_at: Instant;
  /** When the person was erased, or null. */
  readonly erased_at: Instant | null;
}

export interface Identity {
  /** The identity provider, as `iss` names it. */
  readonly issuer: string;
  /** The person there, as `sub` names them. */
  readonly subject: string;
  /** The person here. */
  readonly user_id: Id;
  /** When they were linked. */
  readonly created_at: Instant;
}

export interface Unlinked {
  /** Tokens of this subject are refused from the very next request on. */
  readonly ok: boolean;
}

export interface Identities {
  /** Every link of the person, the oldest first. */
  readonly data: readonly Identity[];
}

export interface Grant {
  /** The entry's id. */
  readonly id: Id;
  /** Who got them. */
  readonly organization_id: Id;
  /** How many; what was owed took its part first. */
  readonly credits: Credits;
  /** Why they were given. */
  readonly source: Open<"promotional" | "free_tier" | "goodwill">;
  /** When what is left of them expires; never when null. */
  readonly expires_at: Instant | null;
  /** Their place in the drawing order; the lowest is drawn first. */
  readonly priority: number;
  /** The entry's place among the organization's. */
  readonly sequence: number;
  /** Available credits now. */
  readonly available: Credits;
  /** Reserved credits now. */
  readonly reserved: Credits;
  /** Credits still owed. */
  readonly debt: Credits;
  /** When they were given. */
  readonly created_at: Instant;
}

export interface Adjustment {
  /** The entry's id. */
  readonly id: Id;
  /** Whose credits were corrected. */
  readonly organization_id: Id;
  /** By how many. */
  readonly credits: Credits;
  /** Why. */
  readonly reason: string;
  /** The entry's place among the organization's. */
  readonly sequence: number;
  /** Available credits now. */
  readonly available: Credits;
  /** Reserved credits now. */
  readonly reserved: Credits;
  /** Credits still owed. */
  readonly debt: Credits;
  /** When it was booked. */
  readonly created_at: Instant;
}

export interface CreditNoteDetails {
  /** The credit note. */
  readonly id: Id;
  /** Its number, of a series of its own. */
  readonly number: string;
  /** Whose it is. */
  readonly organization_id: Id;
  /** The invoice that it corrects. */
  readonly invoice_id: Id;
  /** That one's number. */
  readonly invoice_number: string;
  /** When that one was issued. */
  readonly invoice_issued_at: Instant | null;
  /** Why. */
  readonly reason: string;
  /** Of the amounts. */
  readonly currency: string;
  /** What it takes off, without tax. */
  readonly net: Decimal;
  /** The tax on that. */
  readonly tax: Decimal;
  /** Both together; below 0 where it takes back a note whose refund failed. */
  readonly amount: Decimal;
  /** Of a monthly run: what it gives back. */
  readonly source: JsonObject | null;
  /** Of a purchase: the refund that it documents, where it is known. */
  readonly refund_id: Id | null;
  /** Who issues it, as on the invoice. */
  readonly issuer: InvoiceParty;
  /** Who it is for, as on the invoice. */
  readonly customer: InvoiceParty;
  /** When it was issued. */
  readonly created_at: Instant;
}

export interface Accrual {
  /** The organization. */
  readonly organization_id: Id;
  /** The month, in its time zone. */
  readonly period: string;
  /** What the month has accrued, less what was given back; without tax. */
  readonly receivable: Decimal;
  /** Of all amounts. */
  readonly currency: string;
  /** Orders that the month has charged, and not given back since. */
  readonly orders_count: number;
  /** What has accrued, whenever, and is on no invoice yet; without tax. */
  readonly uninvoiced: Decimal;
  /** What is left to be paid of issued invoices, tax included. */
  readonly owed: Decimal;
}

export interface PendingOrganization {
  /** The organization. */
  readonly organization_id: Id;
  /** Its name. */
  readonly name: string;
  /** Where its bills go, or null. */
  readonly billing_email: string | null;
  /** When it was made. */
  readonly created_at: Instant;
}

export interface FreeTier {
  /** The organization. */
  readonly organization_id: Id;
  /** What was decided. */
  readonly status: Open<"granted" | "revoked">;
  /** Credits that were granted; 0 where it was turned down. */
  readonly credits: Credits;
  /** Credits of them that expired when they were revoked. */
  readonly expired: Credits;
  /** When they were granted, or null. */
  readonly granted_at: Instant | null;
  /** When they were revoked, or null. */
  readonly revoked_at: Instant | null;
}

export interface GrantedAll {
  /** How many organizations got theirs now. */
  readonly granted: number;
  /** How many still wait; repeat the call until there are none. */
  readonly left: number;
}

export interface Verified {
  /** Nothing was found wrong. */
  readonly consistent: boolean;
  /** How many entries, from the first, are proven: now, or by the last nightly proof, whose entries a full proof alone looks at again. */
  readonly entries: number;
  /** All credits, as the balance says. */
  readonly balance: Credits;
  /** All credits, as the proven entries sum up to. */
  readonly sum: Credits;
  /** The last entry's place. */
  readonly head_sequence: number;
  /** The last entry's hash: note it down to prove later that nothing before it changed. */
  readonly head_hash: string;
  /** The first fault found, or null. */
  readonly first_fault: string | null;
}

export interface LedgerFault {
  /** Whose ledger it is. */
  readonly organization_id: Id;
  /** The first fault found there. */
  readonly first_fault: string;
}

export interface AllVerified {
  /** Nothing was found wrong. */
  readonly consistent: boolean;
  /** How many ledgers were looked at. */
  readonly organizations: number;
  /** How many of their entries are proven. */
  readonly entries: number;
  /** How many ledgers have a fault. */
  readonly faults_total: number;
  /** The first thousand of these. */
  readonly faults: readonly LedgerFault[];
}

export interface ReconciledDay {
  /** The day, in UTC. */
  readonly day: string;
  /** Of the amounts. */
  readonly currency: Currency;
  /** Charges less refunds, by the ledger. */
  readonly ledger: Decimal;
  /** The same by the card processor. */
  readonly processor: Decimal;
  /** What the processor has more than the ledger. */
  readonly difference: Decimal;
}

export interface Difference {
  /** `missing_here`: the ledger does not know it; `missing_there`: the processor does not; `amount`: both do, and differ; `state`: the top-up is there and not booked. */
  readonly kind: Open<"missing_here" | "missing_there" | "amount" | "state">;
  /** What it is. */
  readonly movement: Open<"charge" | "refund">;
  /** The processor's id of the charge, the refund, or the payment intent. */
  readonly id: string | null;
  /** The top-up, where it is known. */
  readonly topup_id: Id | null;
  /** Whose it is, where that is known. */
  readonly organization_id: Id | null;
  /** What the ledger says. */
  readonly ledger_amount: Decimal;
  /** What the processor says. */
  readonly processor_amount: Decimal;
  /** Of the amounts. */
  readonly currency: Currency;
  /** When it was, by the processor's clock where it knows of it. */
  readonly at: Instant;
}

export interface Reconciliation {
  /** The first day. */
  readonly from: string;
  /** The last day, which is included. */
  readonly to: string;
  /** What is younger was not looked at, on either side. */
  readonly cut_off: Instant;
  /** The days that differ, by currency. */
  readonly days: readonly ReconciledDay[];
  /** What differs; 1,000 at most. */
  readonly differences: readonly Difference[];
  /** All of the days was looked at, and all that differs is shown. */
  readonly complete: boolean;
}

export interface UpdatedEvent {
  /** The person. */
  readonly id: Id;
  /** The role, where it is a new one. */
  readonly role?: string | undefined;
  /** Whether they may act for the organization, where that is new. */
  readonly is_active?: boolean | undefined;
}

export interface RemovedEvent {
  /** The person. */
  readonly id: Id;
  /** The role they had. */
  readonly role: string;
}

export interface InvitedEvent {
  /** The invitation. */
  readonly id: Id;
  /** The role it is for. */
  readonly role: string;
}

export interface JoinedEvent {
  /** The person. */
  readonly id: Id;
  /** What they may do there. */
  readonly role: string;
}

export interface LimitEvent {
  /** Credits of the cycle so far, what orders hold included. */
  readonly spent: Credits;
  /** The limit in credits. */
  readonly limit: Credits;
}

export interface KeyEvent {
  /** The key. */
  readonly id: Id;
}

export interface WebhookTest {
  /** The subscription. */
  readonly subscription_id: Id;
}

export interface InvoiceEvent {
  /** The invoice. */
  readonly invoice_id: Id;
  /** Its number. */
  readonly number: string;
  /** A purchase of credits, or the bill of a month. */
  readonly kind: Open<"topup" | "run">;
  /** The month that it bills; null for a purchase. */
  readonly period: string | null;
  /** What it is now. */
  readonly status: Open<"draft" | "issued" | "paid" | "void" | "uncollectible">;
  /** Of the amounts. */
  readonly currency: string;
  /** What it comes to, tax included. */
  readonly total: Decimal;
  /** What is left to be paid. */
  readonly due: Decimal;
  /** Until when. */
  readonly due_at: Instant | null;
}

export interface FreeTierCredits {
  /** Granted, or taken back. */
  readonly credits: Credits;
}

export interface Paused {
  /** The subscription. */
  readonly subscription_id: Id;
  /** The product. */
  readonly product: string;
  /** The invoices that were not paid. */
  readonly pause_reason: JsonObject | null;
}

export interface OrganizationClosed {
  /** The organization. */
  readonly id: Id;
  /** From then on people and secrets are erased; the ledger is kept. */
  readonly deletes_at: Instant;
}

export interface OrganizationReopened {
  /** The organization. */
  readonly id: Id;
}

export interface DueEvent {
  /** The commitment. */
  readonly commitment_id: Id;
  /** Its name. */
  readonly name: string;
  /** The day at whose end it fell due. */
  readonly due_on: string;
  /** Whether the term is over, or it was a milestone. */
  readonly is_end: boolean;
  /** What was to be used until then. */
  readonly committed: Decimal;
  /** What was used. */
  readonly consumed: Decimal;
  /** What is missing, and was not due before: the next monthly run bills it. */
  readonly due: Decimal;
  /** The currency of these amounts. */
  readonly currency: string;
}

export interface BehindEvent {
  /** The commitment. */
  readonly commitment_id: Id;
  /** Its name. */
  readonly name: string;
  /** Its last day. */
  readonly ends_on: string;
  /** What is to be used. */
  readonly committed: Decimal;
  /** What was used. */
  readonly consumed: Decimal;
  /** What will have been used at the end, if it goes on like this. */
  readonly projected_total: Decimal;
  /** What will be missing then. */
  readonly projected_shortfall: Decimal;
  /** The currency of these amounts. */
  readonly currency: string;
}

export interface Changed {
  /** The subscription. */
  readonly subscription_id: Id;
  /** The product. */
  readonly product: string;
  /** The plan. */
  readonly plan_id: Id;
  /** Its name. */
  readonly plan: string;
  /** How it is paid. */
  readonly cycle: string;
  /** How many seats. */
  readonly seats: number;
  /** What it was; null: it is new. */
  readonly status_before: string | null;
  /** What it is. */
  readonly status: string;
  /** When the present period began. */
  readonly period_start: Instant;
  /** When it ends. */
  readonly period_end: Instant;
  /** When the subscription ends, where that is known. */
  readonly cancel_at: Instant | null;
}

export interface RunningLow {
  /** Credits that can be spent. */
  readonly available: Credits;
  /** What they fell below. */
  readonly threshold: Credits;
}

export interface UsageThreshold {
  /** The metric. */
  readonly metric: string;
  /** How much of the quota is used: 50, 80, 90 or 100 %. */
  readonly percent: number;
  /** What the cycle has used so far. */
  readonly used: Quantity;
  /** What the plan includes in a cycle. */
  readonly included: number;
}

export interface UsageReset {
  /** When the cycle that is over began. */
  readonly cycle_started_at: Instant;
  /** When the new one began. */
  readonly cycle_ended_at: Instant;
  /** The metrics of whose quotas at least half was used. */
  readonly metrics: readonly string[];
}

export interface OrderEvent {
  /** The order. */
  readonly order_id: Id;
  /** The caller's own id. */
  readonly reference: string;
  /** Credits charged, or given back. */
  readonly credits: Credits;
  /** Credits held when it was made. */
  readonly held: Credits;
}

export interface TopupEvent {
  /** The top-up. */
  readonly topup_id: Id;
  /** Credits booked, or asked for where none were. */
  readonly credits: Credits;
  /** What was charged, or was to be, tax included. */
  readonly amount: Decimal;
  /** Of the amount. */
  readonly currency: string;
  /** What became of it. */
  readonly status: string;
  /** Why it failed, as a code; only where it did. */
  readonly decline_code?: string | undefined;
}

export interface PaymentFailed {
  /** The invoice. */
  readonly invoice_id: Id;
  /** Its number. */
  readonly number: string;
  /** The month that it bills. */
  readonly period: string | null;
  /** What is left to be paid. */
  readonly amount: Decimal;
  /** Of the amount. */
  readonly currency: string;
  /** Why, as a code; null where no card was charged. */
  readonly decline_code: string | null;
  /** Why, in words. */
  readonly reason: string | null;
  /** When it is charged again by itself; null: it is not. */
  readonly retry_at: Instant | null;
}

export interface OverdueEvent {
  /** The invoice. */
  readonly invoice_id: Id;
  /** Its number. */
  readonly number: string;
  /** The month that it bills. */
  readonly period: string | null;
  /** What it came to, tax included. */
  readonly total: Decimal;
  /** What is left to be paid. */
  readonly due: Decimal;
  /** Of both. */
  readonly currency: string;
  /** Until when it was to be paid. */
  readonly due_at: Instant | null;
  /** For how many whole days it is overdue. */
  readonly days: number;
}

export interface NoteEvent {
  /** The credit note. */
  readonly credit_note_id: Id;
  /** Its number. */
  readonly number: string;
  /** The invoice that it corrects. */
  readonly invoice_id: Id;
  /** That one's number. */
  readonly invoice_number: string;
  /** What it takes off, tax included. */
  readonly amount: Decimal;
  /** The tax in it. */
  readonly tax: Decimal;
  /** Of both. */
  readonly currency: string;
}

export interface RefundEvent {
  /** How much. */
  readonly amount: Decimal;
  /** How much of the purchase is given back in all. */
  readonly refunded: Decimal;
  /** Of the amounts. */
  readonly currency: string;
}

export interface DisputeEvent {
  /** The processor's name of the dispute. */
  readonly dispute_id: string;
  /** How much is disputed. */
  readonly amount: Decimal;
  /** Of the amount. */
  readonly currency: string;
}

export interface AutoTopupNotice {
  /** Why, as a code. */
  readonly reason: string;
  /** Why, as a sentence. */
  readonly detail: string;
}

export interface WebhookPaused {
  /** The subscription. */
  readonly subscription_id: Id;
  /** The host and port that its events went to. */
  readonly host: string;
  /** Why nothing is sent there for now. */
  readonly reason: string;
}

/** The types of events, and what the data of each says. */
export interface EventData {
  /** A member has another role, or may or may not act any more. */
  readonly "member.updated": UpdatedEvent;
  /** A person is no member any more. */
  readonly "member.removed": RemovedEvent;
  /** Somebody was invited to become a member. */
  readonly "member.invited": InvitedEvent;
  /** A person became a member. */
  readonly "member.joined": JoinedEvent;
  /** The cycle's spend reached the soft limit; told once a cycle. */
  readonly "limit.soft": LimitEvent;
  /** Something was refused for the hard limit; told once a cycle. */
  readonly "limit.hard": LimitEvent;
  /** Somebody asks for a purchase of credits that a person has to approve. */
  readonly "approval.requested": Approval;
  /** A purchase was approved and paid, or rejected. */
  readonly "approval.decided": Approval;
  /** Nobody decided about a purchase in time. */
  readonly "approval.expired": Approval;
  /** An API key was made. */
  readonly "api_key.created": KeyEvent;
  /** An API key was revoked, by itself or because another took its place. */
  readonly "api_key.revoked": KeyEvent;
  /** Somebody tries a subscription out; sent to that one alone, whatever it is for. */
  readonly "webhook.test": WebhookTest;
  /** An invoice was voided: nothing of it is owed, and its number stays taken. */
  readonly "invoice.void": InvoiceEvent;
  /** An invoice was given up: it is not expected to be paid any more. */
  readonly "invoice.uncollectible": InvoiceEvent;
  /** What was paid too much of an invoice was given back outside. */
  readonly "invoice.refunded": InvoiceEvent;
  /** The organization was given its free credits. */
  readonly "free_tier.granted": FreeTierCredits;
  /** What was left of the organization's free credits was taken back. */
  readonly "free_tier.revoked": FreeTierCredits;
  /** A subscription was paused, because its payment failed for a week. */
  readonly "subscription.paused": Paused;
  /** The organization was closed; it can be read until it is erased. */
  readonly "organization.closed": OrganizationClosed;
  /** The operator has opened the organization again. */
  readonly "organization.reopened": OrganizationReopened;
  /** Less was used until a milestone, or the end of a term, than was promised. */
  readonly "commitment.due": DueEvent;
  /** At its pace a commitment will not be used up; told once a month while that is so. */
  readonly "commitment.behind": BehindEvent;
  /** A subscription began, ended, or is another one: its plan, seats, billing, status or cancellation. */
  readonly "subscription.changed": Changed;
  /** The credits that can be spent fell below the threshold that was set for a warning. */
  readonly "credits.low": RunningLow;
  /** A part of the plan's quota of a metric was used up; each part is told once a cycle. */
  readonly "usage.threshold": UsageThreshold;
  /** A new cycle began, after one in which a quota was half used or more: counters are at 0 again. */
  readonly "usage.reset": UsageReset;
  /** An order was charged. */
  readonly "order.settled": OrderEvent;
  /** An order was cancelled, and its credits given back. */
  readonly "order.cancelled": OrderEvent;
  /** Nobody settled an order in time; its credits were given back. */
  readonly "order.expired": OrderEvent;
  /** An order's credits were given back after it was charged. */
  readonly "order.refunded": OrderEvent;
  /** Credits were bought, and are there. */
  readonly "topup.succeeded": TopupEvent;
  /** A purchase of credits came to nothing. */
  readonly "topup.failed": TopupEvent;
  /** A purchase of credits waits for the card's holder to authenticate. */
  readonly "topup.requires_action": TopupEvent;
  /** An invoice was issued. That of a purchase of credits is paid as it is issued, and is told by this alone. */
  readonly "invoice.issued": InvoiceEvent;
  /** Nothing is left to be paid of an issued invoice. */
  readonly "invoice.paid": InvoiceEvent;
  /** More is paid of an invoice than is owed: `due` is below 0 by what is to be given back. */
  readonly "invoice.overpaid": InvoiceEvent;
  /** A charge for an invoice failed, or its money was taken back. */
  readonly "invoice.payment_failed": PaymentFailed;
  /** An issued invoice is not paid 1, 7 or 14 days behind the day on which it was due. */
  readonly "invoice.overdue": OverdueEvent;
  /** A credit note was issued, which corrects an invoice. */
  readonly "credit_note.issued": NoteEvent;
  /** Money of a purchase was given back, and its credits taken. */
  readonly "topup.refunded": RefundEvent;
  /** Money that was to be given back did not arrive; its credits are there again. */
  readonly "topup.refund_failed": RefundEvent;
  /** Somebody disputes the charge of a purchase at their bank. */
  readonly "topup.disputed": DisputeEvent;
  /** The bank took the disputed money away for as long as the dispute lasts. */
  readonly "topup.dispute_funds_withdrawn": DisputeEvent;
  /** The bank gave the disputed money back. */
  readonly "topup.dispute_funds_reinstated": DisputeEvent;
  /** A dispute was decided for the seller. */
  readonly "topup.dispute_won": DisputeEvent;
  /** A dispute was decided for whoever disputed the charge. */
  readonly "topup.dispute_lost": DisputeEvent;
  /** Automatic top-ups stand still until somebody acts. */
  readonly "auto_topup.paused": AutoTopupNotice;
  /** The cap of a day keeps automatic top-ups from buying more before midnight. */
  readonly "auto_topup.capped": AutoTopupNotice;
  /** A subscription was paused because its endpoint could not be reached for too long, or is gone. */
  readonly "webhook.paused": WebhookPaused;
}

/** The kinds of problems. */
export type ProblemCode =
  | "bad_request"
  | "invalid_grant"
  | "unsupported_grant_type"
  | "invalid_scope"
  | "unsupported_token_type"
  | "invalid_client"
  | "unauthenticated"
  | "insufficient_credits"
  | "limit_reached"
  | "quota_exceeded"
  | "card_required"
  | "card_declined"
  | "forbidden"
  | "human_required"
  | "not_found"
  | "method_not_allowed"
  | "not_acceptable"
  | "request_timeout"
  | "conflict"
  | "address_taken"
  | "idempotency_key_reused"
  | "idempotency_in_progress"
  | "approval_required"
  | "topup_in_progress"
  | "organization_closed"
  | "approval_expired"
  | "length_required"
  | "too_large"
  | "uri_too_long"
  | "unsupported_media_type"
  | "invalid"
  | "rate_limited"
  | "headers_too_large"
  | "internal"
  | "bad_gateway"
  | "unavailable"
  | "busy"
  | "gateway_timeout";
