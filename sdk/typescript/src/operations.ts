// Made by purser-describe typescript: not to be edited.

import { List } from "./pages.js";
import { Resource } from "./transport.js";
import type { CallOptions, Items, KeyedCallOptions, RawBody } from "./transport.js";
import type * as types from "./types.js";

/** The people of an organization and their roles. */
class OrganizationsMembers extends Resource {
  /**
   * List the members of the organization, by name.
   *
   * Needs members:read; side-effect `read`.
   */
  list(input: types.MemberListInput = {}, options: CallOptions = {}): List<types.Member> {
    return new List(this._transport, { id: "organizations.members.list", path: "/v1/organizations/members/list", repeatable: true }, input, options);
  }

  /**
   * Read one member of the organization.
   *
   * Needs members:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.MemberRefInput, options: CallOptions = {}): Promise<types.Member> {
    return this._transport.send({ id: "organizations.members.get", path: "/v1/organizations/members/get", repeatable: true }, input, options);
  }

  /**
   * Change a member's role, or let a member rest.
   *
   * It acts on the member's very next request. Only an owner gives or takes the role `owner`, and API keys never do. An organization keeps at least one active owner.
   *
   * Needs members:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `forbidden`, `conflict`.
   */
  update(input: types.UpdateMemberInput, options: KeyedCallOptions = {}): Promise<types.Member> {
    return this._transport.send({ id: "organizations.members.update", path: "/v1/organizations/members/update", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Remove a member; the person can't act for the organization from the very next request on.
   *
   * API keys that the person made belong to the organization and go on working; revoke them by `api_keys.revoke` where they should not. Only an owner removes an owner, and the last active owner stays.
   *
   * Needs members:write; side-effect `destructive`.
   *
   * Problems of its own: `not_found`, `forbidden`, `conflict`.
   */
  remove(input: types.MemberRefInput, options: KeyedCallOptions = {}): Promise<types.RemovedMember> {
    return this._transport.send({ id: "organizations.members.remove", path: "/v1/organizations/members/remove", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Leave the organization that the session acts for.
   *
   * A person of any role may leave, but for the last active owner. The session goes on, acting for no organization.
   *
   * Needs organizations:read; side-effect `destructive`.
   *
   * Problems of its own: `conflict`.
   */
  leave(input: types.NothingInput = {}, options: KeyedCallOptions = {}): Promise<types.RemovedMember> {
    return this._transport.send({ id: "organizations.members.leave", path: "/v1/organizations/members/leave", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Invite an address into the organization.
   *
   * The token goes out by mail, works once, for seven days, and only for the person who has that address. A newer invitation takes the place of a pending one to the same address. Only an owner invites an owner.
   *
   * Needs members:write; side-effect `export`.
   *
   * Problems of its own: `forbidden`, `conflict`.
   */
  invite(input: types.InviteInput, options: KeyedCallOptions = {}): Promise<types.Invitation> {
    return this._transport.send({ id: "organizations.members.invite", path: "/v1/organizations/members/invite", repeatable: true, keyed: true }, input, options);
  }
}

/** Asking people into an organization. */
class OrganizationsInvitations extends Resource {
  /**
   * List the organization's invitations, newest first.
   *
   * Needs members:read; side-effect `read`.
   */
  list(input: types.InvitationListInput = {}, options: CallOptions = {}): List<types.Invitation> {
    return new List(this._transport, { id: "organizations.invitations.list", path: "/v1/organizations/invitations/list", repeatable: true }, input, options);
  }

  /**
   * Send a pending or expired invitation again, with a new token.
   *
   * The token of before is dead, and the new one works for seven days. Only an owner sends an owner's.
   *
   * Needs members:write; side-effect `export`.
   *
   * Problems of its own: `not_found`, `forbidden`, `conflict`.
   */
  resend(input: types.ResendInput, options: KeyedCallOptions = {}): Promise<types.Invitation> {
    return this._transport.send({ id: "organizations.invitations.resend", path: "/v1/organizations/invitations/resend", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Withdraw an invitation; its token is dead at once.
   *
   * Needs members:write; side-effect `destructive`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  revoke(input: types.InvitationRefInput, options: KeyedCallOptions = {}): Promise<types.RevokedInvitation> {
    return this._transport.send({ id: "organizations.invitations.revoke", path: "/v1/organizations/invitations/revoke", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Accept or decline an invitation to your address.
   *
   * A session that acts for no organization acts for this one from then on.
   *
   * Needs a person's session; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`, `organization_closed`.
   */
  accept(input: types.AnswerInput, options: KeyedCallOptions = {}): Promise<types.Invitation> {
    return this._transport.send({ id: "organizations.invitations.accept", path: "/v1/organizations/invitations/accept", repeatable: true, keyed: true }, input, options);
  }
}

/** What an organization may spend in a cycle. */
class OrganizationsLimits extends Resource {
  /**
   * Say what the organization may spend in a cycle, and from where on that is announced.
   *
   * What is spent already stays spent. An organization that pays afterwards always has a hard limit, at most the one that the operator set.
   *
   * Needs billing:write; side-effect `compute`.
   *
   * Problems of its own: `conflict`, `organization_closed`.
   */
  set(input: types.SetLimitsInput, options: KeyedCallOptions = {}): Promise<types.SpendingLimits> {
    return this._transport.send({ id: "organizations.limits.set", path: "/v1/organizations/limits/set", repeatable: true, keyed: true }, input, options);
  }
}

/** The whole record of an organization. */
class OrganizationsRecord extends Resource {
  /**
   * Read all there is to know of the organization, in one flat record.
   *
   * Counters, costs and alerts are those of the present cycle: the month of the subscription to `platform`, or, without one, the calendar month in the organization's time zone.
   *
   * Needs organizations:read; side-effect `read`.
   */
  get(input: types.NothingInput = {}, options: CallOptions = {}): Promise<types.OrgRecord> {
    return this._transport.send({ id: "organizations.record.get", path: "/v1/organizations/record/get", repeatable: true }, input, options);
  }
}

/** What an organization had, as it was collected. */
class OrganizationsBalance extends Resource {
  /**
   * Read the newest snapshot of the organization's balance.
   *
   * Every three hours the balance is collected; a snapshot is made when it has changed.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  latest(input: types.NothingInput = {}, options: CallOptions = {}): Promise<types.BalanceSnapshot> {
    return this._transport.send({ id: "organizations.balance.latest", path: "/v1/organizations/balance/latest", repeatable: true }, input, options);
  }

  /**
   * List the snapshots of the organization's balance, newest first.
   *
   * Needs billing:read; side-effect `read`.
   */
  history(input: types.BalanceHistoryInput = {}, options: CallOptions = {}): List<types.BalanceSnapshot> {
    return new List(this._transport, { id: "organizations.balance.history", path: "/v1/organizations/balance/history", repeatable: true }, input, options);
  }
}

/** What an organization's months have cost, as it was collected. */
class OrganizationsCosts extends Resource {
  /**
   * Read the newest snapshot of what a month has cost.
   *
   * Every three hours the costs of the running month are collected; those of a month that is over when they have changed. Usage belongs to the day it happened on, a fee to the month it was booked in or billed for. A credit note takes its share off each line of its invoice; a voided invoice costs nothing.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  latest(input: types.CostMonthInput, options: CallOptions = {}): Promise<types.CostSnapshot> {
    return this._transport.send({ id: "organizations.costs.latest", path: "/v1/organizations/costs/latest", repeatable: true }, input, options);
  }

  /**
   * List the snapshots of what months have cost, newest first.
   *
   * Needs billing:read; side-effect `read`.
   */
  history(input: types.CostHistoryInput = {}, options: CallOptions = {}): List<types.CostSnapshot> {
    return new List(this._transport, { id: "organizations.costs.history", path: "/v1/organizations/costs/history", repeatable: true }, input, options);
  }
}

class OrganizationsCommitments extends Resource {
  /**
   * Read the statement of a month: everything that changed what the organization has, and that it adds up.
   *
   * As NDJSON the activity alone, a row a line. A month of more than 20,000 entries, or of some megabytes, is answered as NDJSON or CSV only.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  statement(input: types.StatementQueryInput, options: CallOptions = {}): Promise<types.MonthStatement> {
    return this._transport.send({ id: "organizations.commitments.statement", path: "/v1/organizations/commitments/statement", repeatable: true }, input, options);
  }

  /** The same as a document: its bytes. */
  statementAs(media: "application/x-ndjson" | "text/csv" | "application/pdf", input: types.StatementQueryInput, options: CallOptions = {}): Promise<Uint8Array> {
    return this._transport.render(media, { id: "organizations.commitments.statement", path: "/v1/organizations/commitments/statement", repeatable: true }, input, options);
  }

  /** The same as rows, one by one as they come. */
  statementRows(input: types.StatementQueryInput, options: CallOptions = {}): AsyncGenerator<types.StatementActivity, void, undefined> {
    return this._transport.stream({ id: "organizations.commitments.statement", path: "/v1/organizations/commitments/statement", repeatable: true }, input, options);
  }

  /**
   * List the organization's commitments, how far they are used and what is due, newest first.
   *
   * Every figure is as of now: what is over is over at once, whenever the bill comes.
   *
   * Needs orders:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  list(input: types.ListCommitmentsInput = {}, options: CallOptions = {}): List<types.Commitment> {
    return new List(this._transport, { id: "organizations.commitments.list", path: "/v1/organizations/commitments/list", repeatable: true }, input, options);
  }

  /**
   * Write down what an organization promises to use in a term.
   *
   * Order lines that are settled in the term count at the price of their credits, until the order is refunded. What is missing at the end, or at a milestone, is billed once, by the monthly run. Days end at midnight in the organization's time zone as it is now.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `organization_closed`.
   */
  create(input: types.CreateCommitmentInput, options: KeyedCallOptions = {}): Promise<types.Commitment> {
    return this._transport.send({ id: "organizations.commitments.create", path: "/v1/organizations/commitments/create", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Change a commitment that is not over.
   *
   * What is left out stays. Days end at midnight in the organization's time zone as it is now; days that are over, and what fell due at their end, stay as they were.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `organization_closed`, `conflict`.
   */
  amend(input: types.AmendCommitmentInput, options: KeyedCallOptions = {}): Promise<types.Commitment> {
    return this._transport.send({ id: "organizations.commitments.amend", path: "/v1/organizations/commitments/amend", repeatable: true, keyed: true }, input, options);
  }

  /**
   * End a commitment before its term is over.
   *
   * Nothing more falls due; what fell due at a milestone before stays due. What it had carried in, and no milestone has needed, counts for the next of its name. Cancelling again answers the commitment again.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `organization_closed`, `conflict`.
   */
  cancel(input: types.CancelCommitmentInput, options: KeyedCallOptions = {}): Promise<types.Commitment> {
    return this._transport.send({ id: "organizations.commitments.cancel", path: "/v1/organizations/commitments/cancel", repeatable: true, keyed: true }, input, options);
  }
}

/** Where an organization's figures and audit events go. */
class OrganizationsIntegrations extends Resource {
  /**
   * Say where the organization's figures and audit events go.
   *
   * Figures are pushed to Prometheus every minute, audit events to Loki. An endpoint may not be at a private address; one whose name nobody knows yet is accepted. A Loki is told of what is done from now on.
   *
   * Needs organizations:write; side-effect `compute`.
   *
   * Problems of its own: `organization_closed`.
   */
  set(input: types.SetIntegrationsInput = {}, options: KeyedCallOptions = {}): Promise<types.OrgRecord> {
    return this._transport.send({ id: "organizations.integrations.set", path: "/v1/organizations/integrations/set", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Read where the organization's figures and audit events go, and how the last push went.
   *
   * Needs organizations:read; side-effect `read`.
   */
  get(input: types.NothingInput = {}, options: CallOptions = {}): Promise<types.Integrations> {
    return this._transport.send({ id: "organizations.integrations.get", path: "/v1/organizations/integrations/get", repeatable: true }, input, options);
  }

  /**
   * Push one sample to an integration, and say what the other side answered.
   *
   * The other side has 5 seconds. Few endpoints are tried at once, of an organization one: 503 `busy` tells that it is somebody else's turn.

Prometheus (remote write 1.0) gets `purser_credits_available` as of now, Loki one line with `"test": true`. By itself each is pushed to once a minute.

Prometheus: the gauges `purser_credits_available`, `purser_credits_reserved`, `purser_credits_debt`, `purser_cycle_spend_credits` (charged and held in this cycle), `purser_spending_limit_hard_credits` and `purser_spending_limit_soft_credits` (where set), and, with the label `metric`, `purser_usage` and `purser_usage_included` (what the plan includes in a cycle, where it has a quota); all with the label `organization`, the slug. Values are exact up to 2^53.

Loki: the stream `{job="purser", organization="…"}`, a JSON line for each row of the audit since the integration was set, once each, a minute or two after it was done.

An endpoint without a path gets `/api/v1/write` or `/loki/api/v1/push`. What is not taken is tried again after 1, 2, 5, 15, then 60 minutes, or when the answer's `Retry-After` says; figures are those of that moment then, lines are kept, but for those that Loki refuses with 400 or 422 five times.
   *
   * Needs organizations:write; side-effect `compute`.
   *
   * Problems of its own: `conflict`.
   */
  test(input: types.IntegrationTryInput, options: KeyedCallOptions = {}): Promise<types.IntegrationAnswer> {
    return this._transport.send({ id: "organizations.integrations.test", path: "/v1/organizations/integrations/test", repeatable: true, keyed: true }, input, options);
  }
}

/** The companies and people that buy: who they are and how they want to be billed. */
class Organizations extends Resource {
  /**
   * Create an organization and become its owner.
   *
   * By a key the owner is the person who made the key. A session that acts for no organization acts for the new one from then on; any other stays where it is until `auth.sessions.switch`. `enterprise_billing: true` is noted as a request.
   *
   * Needs organizations:write; side-effect `compute`.
   *
   * Problems of its own: `conflict`, `human_required`.
   */
  create(input: types.NewOrganizationInput, options: KeyedCallOptions = {}): Promise<types.Organization> {
    return this._transport.send({ id: "organizations.create", path: "/v1/organizations/create", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Read an organization.
   *
   * Needs organizations:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.GetOrganizationInput = {}, options: CallOptions = {}): Promise<types.Organization> {
    return this._transport.send({ id: "organizations.get", path: "/v1/organizations/get", repeatable: true }, input, options);
  }

  /**
   * List the organizations that the token can see, newest first.
   *
   * A person sees all organizations of theirs, closed ones too; a key its own.
   *
   * Needs organizations:read; side-effect `read`.
   */
  list(input: types.OrganizationListInput = {}, options: CallOptions = {}): List<types.Organization> {
    return new List(this._transport, { id: "organizations.list", path: "/v1/organizations/list", repeatable: true }, input, options);
  }

  /**
   * Read the organization that the token acts for.
   *
   * Needs organizations:read; side-effect `read`.
   */
  current(input: types.NothingInput = {}, options: CallOptions = {}): Promise<types.OrganizationCurrent> {
    return this._transport.send({ id: "organizations.current", path: "/v1/organizations/current", repeatable: true }, input, options);
  }

  /**
   * Change what is known of the organization.
   *
   * What is left out stays as it is; an address is replaced as a whole. The currency changes only before anything is booked. `enterprise_billing` asks for it, or takes the request back.
   *
   * Needs organizations:write; side-effect `compute`.
   *
   * Problems of its own: `conflict`, `organization_closed`.
   */
  update(input: types.UpdateOrganizationInput = {}, options: KeyedCallOptions = {}): Promise<types.Organization> {
    return this._transport.send({ id: "organizations.update", path: "/v1/organizations/update", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Say which purchases need an approval, and by whom.
   *
   * Needs organizations:write; side-effect `compute`.
   *
   * Problems of its own: `organization_closed`.
   */
  setPurchasePolicy(input: types.PurchasePolicyInput = {}, options: KeyedCallOptions = {}): Promise<types.Organization> {
    return this._transport.send({ id: "organizations.set_purchase_policy", path: "/v1/organizations/set_purchase_policy", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Close the organization; 30 days later its people and secrets are erased.
   *
   * Its keys are refused at once; its people still read, and everything else is `organization_closed`. What waits for a buyer or for an approval is turned down, and nothing is bought by itself any more; its subscriptions end, for good; a charge that is under way is still booked, and what orders reserve is released when their time is over. Until the erasure an operator can reopen it. The ledger, and the audit with the addresses that deeds came from, are kept under the organization's id.
   *
   * Needs organizations:write; side-effect `destructive`.
   *
   * Problems of its own: `organization_closed`.
   */
  close(input: types.NothingInput = {}, options: KeyedCallOptions = {}): Promise<types.ClosedOrganization> {
    return this._transport.send({ id: "organizations.close", path: "/v1/organizations/close", repeatable: true, keyed: true }, input, options);
  }

  readonly members = new OrganizationsMembers(this._transport);

  readonly invitations = new OrganizationsInvitations(this._transport);

  readonly limits = new OrganizationsLimits(this._transport);

  readonly record = new OrganizationsRecord(this._transport);

  readonly balance = new OrganizationsBalance(this._transport);

  readonly costs = new OrganizationsCosts(this._transport);

  readonly commitments = new OrganizationsCommitments(this._transport);

  readonly integrations = new OrganizationsIntegrations(this._transport);
}

/** How an organization stands. */
class BillingStatus extends Resource {
  /**
   * Read how the organization stands: its plan, credits, usage, limits and what is to be paid.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.StatusQueryInput, options: CallOptions = {}): Promise<types.BillingStatus> {
    return this._transport.send({ id: "billing.status.get", path: "/v1/billing/status/get", repeatable: true }, input, options);
  }
}

/** What an organization has, and how it came to that. */
class BillingCredits extends Resource {
  /**
   * Tell how many credits the organization has, and what they consist of.
   *
   * Needs billing:read; side-effect `read`.
   */
  balance(input: types.NothingInput = {}, options: CallOptions = {}): Promise<types.Balance> {
    return this._transport.send({ id: "billing.credits.balance", path: "/v1/billing/credits/balance", repeatable: true }, input, options);
  }

  /**
   * List what changed the organization's credits, newest first.
   *
   * Needs billing:read; side-effect `read`.
   */
  transactions(input: types.TransactionListInput = {}, options: CallOptions = {}): List<types.Transaction> {
    return new List(this._transport, { id: "billing.credits.transactions", path: "/v1/billing/credits/transactions", repeatable: true }, input, options);
  }

  /**
   * Prove that the organization's ledger is whole.
   *
   * Recomputes the hash chain and the sums of the entries since the last nightly proof, or of all in a full proof, and compares them with the balance and the lots.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `rate_limited`.
   */
  verify(input: types.VerifyInput = {}, options: CallOptions = {}): Promise<types.Verified> {
    return this._transport.send({ id: "billing.credits.verify", path: "/v1/billing/credits/verify", repeatable: true }, input, options);
  }
}

/** Buying credits by card. */
class BillingTopups extends Resource {
  /**
   * Read one top-up: how far it is, and what it brought.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.TopupRefInput, options: CallOptions = {}): Promise<types.Topup> {
    return this._transport.send({ id: "billing.topups.get", path: "/v1/billing/topups/get", repeatable: true }, input, options);
  }

  /**
   * List the organization's top-ups, automatic and approved ones included, newest first.
   *
   * Needs billing:read; side-effect `read`.
   */
  list(input: types.TopupListInput = {}, options: CallOptions = {}): List<types.Topup> {
    return new List(this._transport, { id: "billing.topups.list", path: "/v1/billing/topups/list", repeatable: true }, input, options);
  }

  /**
   * Give money back for a top-up, and take its credits.
   *
   * One refund of a top-up is at work at a time. The credits are taken in proportion, rounded half-even to whole credits on all that was given back so far. A refund that the card processor refuses takes nothing, and leaves the idempotency key free.
   *
   * Needs admin:write; side-effect `spend`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  refund(input: types.RefundTopupInput, options: KeyedCallOptions = {}): Promise<types.TopupRefund> {
    return this._transport.send({ id: "billing.topups.refund", path: "/v1/billing/topups/refund", repeatable: true, keyed: true }, input, options);
  }
}

/** Invoices: what was bought, and what months come to. */
class BillingInvoices extends Resource {
  /**
   * List the organization's invoices, newest first.
   *
   * Needs billing:read; side-effect `read`.
   */
  list(input: types.InvoiceListInput = {}, options: CallOptions = {}): List<types.Invoice> {
    return new List(this._transport, { id: "billing.invoices.list", path: "/v1/billing/invoices/list", repeatable: true }, input, options);
  }

  /**
   * Read one invoice, with its lines and what each was computed from.
   *
   * Each line's amount is rounded half-even to a hundredth of the currency, once. The tax is computed once per rate on the sum of the lines at it; the largest of these takes what rounding leaves.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.InvoiceQueryInput, options: CallOptions = {}): Promise<types.InvoiceDetails> {
    return this._transport.send({ id: "billing.invoices.get", path: "/v1/billing/invoices/get", repeatable: true }, input, options);
  }

  /** The same as a document: its bytes. */
  getAs(media: "text/csv" | "application/pdf", input: types.InvoiceQueryInput, options: CallOptions = {}): Promise<Uint8Array> {
    return this._transport.render(media, { id: "billing.invoices.get", path: "/v1/billing/invoices/get", repeatable: true }, input, options);
  }

  /**
   * Pay what is left of an issued invoice, by card.
   *
   * An organization has one purchase or payment at work at a time. Whatever happens between, the invoice is charged at most once; the status `paid` is told only when that is booked.
   *
   * Needs billing:write; side-effect `spend`.
   *
   * Problems of its own: `not_found`, `conflict`, `card_required`, `card_declined`, `topup_in_progress`.
   */
  pay(input: types.PayInvoiceInput, options: KeyedCallOptions = {}): Promise<types.ChargedInvoice> {
    return this._transport.send({ id: "billing.invoices.pay", path: "/v1/billing/invoices/pay", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Tell what a month's invoice would be at this moment.
   *
   * What the monthly run would put on it, undone. What is paid from available credits is on no invoice, nor is what comes to less than a card can be charged: that waits for a later one.
   *
   * Needs billing:read; side-effect `compute`.
   *
   * Problems of its own: `conflict`.
   */
  preview(input: types.InvoiceWishInput = {}, options: CallOptions = {}): Promise<types.PreviewedInvoice> {
    return this._transport.send({ id: "billing.invoices.preview", path: "/v1/billing/invoices/preview", repeatable: true }, input, options);
  }

  /**
   * Void an issued invoice that was a mistake.
   *
   * Nothing of it is owed then, and what it billed is not billed again. One that was paid, or corrected by a credit note, can't be voided: a credit note corrects it. Voiding again answers the invoice again.
   *
   * Needs admin:write; side-effect `destructive`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  void(input: types.EndInvoiceInput, options: KeyedCallOptions = {}): Promise<types.Invoice> {
    return this._transport.send({ id: "billing.invoices.void", path: "/v1/billing/invoices/void", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Give up what is left of an issued invoice as uncollectible.
   *
   * It is not charged any more. Where a charge for it has failed, and none is to come for another invoice, what is subscribed to is paused. Should it be paid after all, note that with billing.enterprise.mark_invoiced, which ends the pause. Giving up again answers the invoice again.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  writeOff(input: types.EndInvoiceInput, options: KeyedCallOptions = {}): Promise<types.Invoice> {
    return this._transport.send({ id: "billing.invoices.write_off", path: "/v1/billing/invoices/write_off", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Note that what was paid too much of an invoice was given back outside.
   *
   * All by which its `due` is below 0 is booked as gone from the bank: event invoice.overpaid tells of such ones. What came by card is given back with billing.topups.refund instead. Noting the same reference again answers the invoice again.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  markRefunded(input: types.MarkRefundedInput, options: KeyedCallOptions = {}): Promise<types.Invoice> {
    return this._transport.send({ id: "billing.invoices.mark_refunded", path: "/v1/billing/invoices/mark_refunded", repeatable: true, keyed: true }, input, options);
  }
}

/** Purchases that a person approves. */
class BillingApprovals extends Resource {
  /**
   * Ask for a purchase of credits that a person approves.
   *
   * Needed above `approval_threshold_credits`, and possible below. The price is fixed here; nothing is charged before `billing.approvals.approve`. What a key asks for counts as asked by the person who made the key.
   *
   * Needs billing:write; side-effect `compute`.
   *
   * Problems of its own: `conflict`.
   */
  request(input: types.RequestApprovalInput, options: KeyedCallOptions = {}): Promise<types.Approval> {
    return this._transport.send({ id: "billing.approvals.request", path: "/v1/billing/approvals/request", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Approve a purchase of credits, and charge the default card for it.
   *
   * `approved` is answered after the credits were booked. A charge that is not over yet answers the approval still `pending`, with its `topup_id`. After a decline the approval waits on, for another card. Where the organization asks for a second person, it can't be the one who asked.
   *
   * Needs billing:write; side-effect `spend`.
   *
   * Problems of its own: `not_found`, `forbidden`, `conflict`, `approval_expired`, `card_required`, `card_declined`, `topup_in_progress`.
   */
  approve(input: types.ApprovalRefInput, options: KeyedCallOptions = {}): Promise<types.Approval> {
    return this._transport.send({ id: "billing.approvals.approve", path: "/v1/billing/approvals/approve", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Turn a purchase of credits down.
   *
   * Needs billing:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `forbidden`, `conflict`, `approval_expired`.
   */
  reject(input: types.RejectApprovalInput, options: KeyedCallOptions = {}): Promise<types.Approval> {
    return this._transport.send({ id: "billing.approvals.reject", path: "/v1/billing/approvals/reject", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Read one approval.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.ApprovalRefInput, options: CallOptions = {}): Promise<types.Approval> {
    return this._transport.send({ id: "billing.approvals.get", path: "/v1/billing/approvals/get", repeatable: true }, input, options);
  }

  /**
   * List the organization's approvals, newest first.
   *
   * Needs billing:read; side-effect `read`.
   */
  list(input: types.ApprovalListInput = {}, options: CallOptions = {}): List<types.Approval> {
    return new List(this._transport, { id: "billing.approvals.list", path: "/v1/billing/approvals/list", repeatable: true }, input, options);
  }
}

/** Credits that are bought by themselves. */
class BillingAutoTopup extends Resource {
  /**
   * Tell whether credits are bought by themselves, and how that goes.
   *
   * Needs billing:read; side-effect `read`.
   */
  get(input: types.NothingInput = {}, options: CallOptions = {}): Promise<types.AutoTopup> {
    return this._transport.send({ id: "billing.auto_topup.get", path: "/v1/billing/auto_topup/get", repeatable: true }, input, options);
  }
}

/** Invoices at the card processor. */
class BillingStripeInvoices extends Resource {
  /**
   * List the invoices that the card processor keeps for the organization.
   *
   * Needs billing:read; side-effect `read`.
   */
  list(input: types.InvoicesQueryInput = {}, options: CallOptions = {}): Promise<types.Invoices> {
    return this._transport.send({ id: "billing.stripe_invoices.list", path: "/v1/billing/stripe_invoices/list", repeatable: true }, input, options);
  }
}

/** What can be subscribed to. */
class BillingPlans extends Resource {
  /**
   * List the plans that can be subscribed to, by name.
   *
   * Needs billing:read; side-effect `read`.
   */
  list(input: types.PageQueryInput = {}, options: CallOptions = {}): List<types.Plan> {
    return new List(this._transport, { id: "billing.plans.list", path: "/v1/billing/plans/list", repeatable: true }, input, options);
  }

  /**
   * Draft the next version of a plan.
   *
   * Nobody can subscribe to it before it is published. Without a price it can't be started by a customer. Of the product platform the tiers are FREE, STARTUP, GROWTH, SCALE, ENTERPRISE and INTERNAL; of spaces FREE, PRO, TEAM, ENTERPRISE and INTERNAL.
   *
   * Needs admin:write; side-effect `compute`.
   */
  create(input: types.CreatePlanInput, options: KeyedCallOptions = {}): Promise<types.Plan> {
    return this._transport.send({ id: "billing.plans.create", path: "/v1/billing/plans/create", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Offer a draft to everybody; from then on it never changes.
   *
   * Other versions of its tier stay what they are: an older one is sold until it is retired.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  publish(input: types.PlanRefInput, options: KeyedCallOptions = {}): Promise<types.Plan> {
    return this._transport.send({ id: "billing.plans.publish", path: "/v1/billing/plans/publish", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Sell a plan no more.
   *
   * Whoever is subscribed to it keeps it.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  retire(input: types.PlanRefInput, options: KeyedCallOptions = {}): Promise<types.Plan> {
    return this._transport.send({ id: "billing.plans.retire", path: "/v1/billing/plans/retire", repeatable: true, keyed: true }, input, options);
  }
}

/** What the organization is subscribed to. */
class BillingSubscriptions extends Resource {
  /**
   * Subscribe to a plan of a product.
   *
   * Name a plan and a cycle, or a price. A trial costs nothing. Else the first fee is taken from the credits that are available, where they cover all of it, or the whole is charged to the default card; organizations that are invoiced pay it afterwards. More than the approval's threshold in 24 hours is charged to no card: buy the credits with approval first. `incomplete` is answered while the card's charge is not over: its period begins when it is. Later fees are part of the monthly run.
   *
   * Needs billing:write; side-effect `spend`.
   *
   * Problems of its own: `not_found`, `conflict`, `limit_reached`, `card_required`, `card_declined`, `approval_required`, `topup_in_progress`.
   */
  start(input: types.StartWishInput = {}, options: KeyedCallOptions = {}): Promise<types.Subscription> {
    return this._transport.send({ id: "billing.subscriptions.start", path: "/v1/billing/subscriptions/start", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Change a subscription's plan, seats, or how it is paid.
   *
   * What is not used of the present fee, by the second, counts against the new price of the same time; what remains is charged like a first fee, or given back as credits. Another cycle of billing begins a new period now. A trial goes on, and nothing is charged. While a card's charge is not over, the subscription stays as it was, and `next_change` tells what it becomes; a change that waits for its card's holder is given up by the next one.
   *
   * Needs billing:write; side-effect `spend`.
   *
   * Problems of its own: `not_found`, `conflict`, `limit_reached`, `card_required`, `card_declined`, `approval_required`, `topup_in_progress`.
   */
  change(input: types.ChangeWishInput = {}, options: KeyedCallOptions = {}): Promise<types.Subscription> {
    return this._transport.send({ id: "billing.subscriptions.change", path: "/v1/billing/subscriptions/change", repeatable: true, keyed: true }, input, options);
  }

  /**
   * End a subscription, with its period or now.
   *
   * What ends now gives nothing back: what was paid for the period stays paid, and the plan's quotas hold until the running cycle of usage ends. One that waits for its first payment ends at once; it can't while the card's charge is under way. A payment that is owed stays owed.
   *
   * Needs billing:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `topup_in_progress`.
   */
  cancel(input: types.CancelSubscriptionInput = {}, options: KeyedCallOptions = {}): Promise<types.Subscription> {
    return this._transport.send({ id: "billing.subscriptions.cancel", path: "/v1/billing/subscriptions/cancel", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Keep a subscription that was to end with its period.
   *
   * Needs billing:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  resume(input: types.WhichSubscriptionInput = {}, options: KeyedCallOptions = {}): Promise<types.Subscription> {
    return this._transport.send({ id: "billing.subscriptions.resume", path: "/v1/billing/subscriptions/resume", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Read the organization's subscription to a product.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.WhichSubscriptionInput = {}, options: CallOptions = {}): Promise<types.Subscription> {
    return this._transport.send({ id: "billing.subscriptions.get", path: "/v1/billing/subscriptions/get", repeatable: true }, input, options);
  }

  /**
   * Tell what starting or changing a subscription would cost at this moment.
   *
   * With an open subscription to the product it is a change, else a start. Nothing is changed.
   *
   * Needs billing:read; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`, `limit_reached`, `approval_required`, `topup_in_progress`.
   */
  preview(input: types.PreviewWishInput = {}, options: CallOptions = {}): Promise<types.TurnPreview> {
    return this._transport.send({ id: "billing.subscriptions.preview", path: "/v1/billing/subscriptions/preview", repeatable: true }, input, options);
  }
}

/** Monthly runs, listed. */
class BillingRuns extends Resource {
  /**
   * List the organization's monthly runs, the newest month first.
   *
   * Needs billing:read; side-effect `read`.
   */
  list(input: types.RunListInput = {}, options: CallOptions = {}): List<types.ListedRun> {
    return new List(this._transport, { id: "billing.runs.list", path: "/v1/billing/runs/list", repeatable: true }, input, options);
  }
}

/** Credits given and corrected by operators. */
class BillingGrants extends Resource {
  /**
   * Give an organization credits.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  create(input: types.CreateGrantInput, options: KeyedCallOptions = {}): Promise<types.Grant> {
    return this._transport.send({ id: "billing.grants.create", path: "/v1/billing/grants/create", repeatable: true, keyed: true }, input, options);
  }
}

class BillingAdjustments extends Resource {
  /**
   * Correct an organization's credits, up or down.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `insufficient_credits`, `not_found`, `conflict`.
   */
  create(input: types.CreateAdjustmentInput, options: KeyedCallOptions = {}): Promise<types.Adjustment> {
    return this._transport.send({ id: "billing.adjustments.create", path: "/v1/billing/adjustments/create", repeatable: true, keyed: true }, input, options);
  }
}

/** Credit notes, which correct invoices. */
class BillingCreditNotes extends Resource {
  /**
   * Correct an issued invoice of a month by a credit note.
   *
   * All notes of an invoice come to no more than its total. Of an invoice that is not paid, less is owed then; of one that is, `due` goes below 0 by what is to be given back, which is done with billing.topups.refund where a card paid it, else outside, and noted with billing.invoices.mark_refunded. An invoice of a purchase is corrected by refunding the purchase.
   *
   * Needs admin:write; side-effect `spend`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  create(input: types.NewNoteInput, options: KeyedCallOptions = {}): Promise<types.CreditNote> {
    return this._transport.send({ id: "billing.credit_notes.create", path: "/v1/billing/credit_notes/create", repeatable: true, keyed: true }, input, options);
  }

  /**
   * List the organization's credit notes, newest first.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  list(input: types.NoteListInput = {}, options: CallOptions = {}): List<types.CreditNote> {
    return new List(this._transport, { id: "billing.credit_notes.list", path: "/v1/billing/credit_notes/list", repeatable: true }, input, options);
  }

  /**
   * Read one credit note, with all that stands on it.
   *
   * Needs billing:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.CreditNoteKeyInput, options: CallOptions = {}): Promise<types.CreditNoteDetails> {
    return this._transport.send({ id: "billing.credit_notes.get", path: "/v1/billing/credit_notes/get", repeatable: true }, input, options);
  }

  /** The same as a document: its bytes. */
  getAs(media: "application/pdf", input: types.CreditNoteKeyInput, options: CallOptions = {}): Promise<Uint8Array> {
    return this._transport.render(media, { id: "billing.credit_notes.get", path: "/v1/billing/credit_notes/get", repeatable: true }, input, options);
  }
}

/** Organizations that pay afterwards. */
class BillingEnterprise extends Resource {
  /**
   * Read what has accrued on the account of an organization that pays afterwards.
   *
   * Needs admin:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  accrual(input: types.AccrualQueryInput, options: CallOptions = {}): Promise<types.Accrual> {
    return this._transport.send({ id: "billing.enterprise.accrual", path: "/v1/billing/enterprise/accrual", repeatable: true }, input, options);
  }

  /**
   * Note that an invoice was paid outside.
   *
   * All that is left of it is booked as received at the bank. Of one that was given up, too. Noting the same reference again answers the invoice again.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  markInvoiced(input: types.MarkInvoicedInput, options: KeyedCallOptions = {}): Promise<types.Invoice> {
    return this._transport.send({ id: "billing.enterprise.mark_invoiced", path: "/v1/billing/enterprise/mark_invoiced", repeatable: true, keyed: true }, input, options);
  }
}

/** Free credits for new organizations. */
class BillingFreeTier extends Resource {
  /**
   * List the organizations that wait for their free credits, newest first.
   *
   * A closed one does not wait.
   *
   * Needs admin:read; side-effect `read`.
   */
  listPending(input: types.PageQueryInput = {}, options: CallOptions = {}): List<types.PendingOrganization> {
    return new List(this._transport, { id: "billing.free_tier.list_pending", path: "/v1/billing/free_tier/list_pending", repeatable: true }, input, options);
  }

  /**
   * Give an organization its free credits, once in its life.
   *
   * Where the decision is made already, whichever it was, it stands: that is a conflict.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`, `organization_closed`.
   */
  approve(input: types.FreeTierRefInput, options: KeyedCallOptions = {}): Promise<types.FreeTier> {
    return this._transport.send({ id: "billing.free_tier.approve", path: "/v1/billing/free_tier/approve", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Take back what is left of an organization's free credits, or turn it down while it waits.
   *
   * What is available of them expires at once; what orders and holds have reserved expires as they give it back. They are not granted again.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`, `organization_closed`.
   */
  revoke(input: types.FreeTierRefInput, options: KeyedCallOptions = {}): Promise<types.FreeTier> {
    return this._transport.send({ id: "billing.free_tier.revoke", path: "/v1/billing/free_tier/revoke", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Give those who wait their free credits, the oldest first, a hundred organizations a call.
   *
   * Each is as if it were approved by itself. Repeat the call until nobody is left.
   *
   * Needs admin:write; side-effect `compute`.
   */
  grantAll(input: types.NothingInput = {}, options: KeyedCallOptions = {}): Promise<types.GrantedAll> {
    return this._transport.send({ id: "billing.free_tier.grant_all", path: "/v1/billing/free_tier/grant_all", repeatable: true, keyed: true }, input, options);
  }
}

class Billing extends Resource {
  readonly status = new BillingStatus(this._transport);

  readonly credits = new BillingCredits(this._transport);

  /**
   * Buy credits, charged to a card at once.
   *
   * Say either `credits`, or `amount` and `currency`; 50 credits at least. The status `succeeded` is told only when the credits are booked. `processing` means that the outcome is not known yet: repeat the request with its Idempotency-Key, or read the top-up. One purchase is at work at a time; one that waits for its buyer is cancelled by the next. Whatever happens between, a top-up is charged at most once.
   *
   * Needs billing:write; side-effect `spend`.
   *
   * Problems of its own: `card_required`, `card_declined`, `not_found`, `approval_required`, `topup_in_progress`, `conflict`.
   */
  topup(input: types.NewTopupInput = {}, options: KeyedCallOptions = {}): Promise<types.Topup> {
    return this._transport.send({ id: "billing.topup", path: "/v1/billing/topup", repeatable: true, keyed: true }, input, options);
  }

  readonly topups = new BillingTopups(this._transport);

  readonly invoices = new BillingInvoices(this._transport);

  readonly approvals = new BillingApprovals(this._transport);

  readonly autoTopup = new BillingAutoTopup(this._transport);

  /**
   * Have credits bought by themselves where they run low, or not any more.
   *
   * Replaces what was set before, and ends a pause; an automatic top-up that waits for its card's holder is cancelled. Where the available credits are below the threshold, the default card is charged at once, for the smallest multiple of `topup_amount_credits` that brings them to the threshold.
   *
   * Needs billing:write; side-effect `compute`.
   *
   * Problems of its own: `card_required`, `conflict`.
   */
  setAutoTopup(input: types.SetAutoTopupInput, options: KeyedCallOptions = {}): Promise<types.AutoTopup> {
    return this._transport.send({ id: "billing.set_auto_topup", path: "/v1/billing/set_auto_topup", repeatable: true, keyed: true }, input, options);
  }

  readonly stripeInvoices = new BillingStripeInvoices(this._transport);

  readonly plans = new BillingPlans(this._transport);

  readonly subscriptions = new BillingSubscriptions(this._transport);

  /**
   * Bill a month that is over: fees, overage, what stands on account, commitments.
   *
   * Whatever happened until the month's end and no run has billed is billed once: from the credits that are available where they cover all of a line, else by an invoice, which the default card is charged for. A run that was cut goes on where it was; one that is done is answered again, and computed again to see that it comes to the same. A run whose invoice would be absurdly large is parked until an operator has looked.
   *
   * Needs billing:write; side-effect `spend`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  runMonthlyForOrg(input: types.RunMonthlyInput, options: KeyedCallOptions = {}): Promise<types.MonthlyRun> {
    return this._transport.send({ id: "billing.run_monthly_for_org", path: "/v1/billing/run_monthly_for_org", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Tell what running a month would come to at this moment.
   *
   * The run itself, undone: its lines and digest are those that it would have. Of a month that is not over, what has come until now. No number is taken, and no card is charged.
   *
   * Needs billing:read; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  runMonthlyPreview(input: types.RunMonthlyInput, options: CallOptions = {}): Promise<types.PreviewedRun> {
    return this._transport.send({ id: "billing.run_monthly_preview", path: "/v1/billing/run_monthly_preview", repeatable: true }, input, options);
  }

  readonly runs = new BillingRuns(this._transport);

  /**
   * Have a month run for all organizations.
   *
   * Answers at once; a job does the work, each organization's when the month is over in its time zone. Asking again tells how far it is, and when it is done has what failed tried again.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `conflict`.
   */
  runMonthlyCron(input: types.AskRunInput = {}, options: KeyedCallOptions = {}): Promise<types.RunProgress> {
    return this._transport.send({ id: "billing.run_monthly_cron", path: "/v1/billing/run_monthly_cron", repeatable: true, keyed: true }, input, options);
  }

  readonly grants = new BillingGrants(this._transport);

  readonly adjustments = new BillingAdjustments(this._transport);

  readonly creditNotes = new BillingCreditNotes(this._transport);

  readonly enterprise = new BillingEnterprise(this._transport);

  readonly freeTier = new BillingFreeTier(this._transport);
}

/** Work that is done for credits: held, delivered, charged. */
class Orders extends Resource {
  /**
   * Order something, and hold the credits for it.
   *
   * Sending a reference again with the same lines answers the order that it made, as it is now. Where the organization pays afterwards, nothing is held, but the hard limit counts it.
   *
   * Needs orders:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `insufficient_credits`, `limit_reached`, `conflict`.
   */
  create(input: types.CreateOrderInput, options: KeyedCallOptions = {}): Promise<types.Order> {
    return this._transport.send({ id: "orders.create", path: "/v1/orders/create", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Tell what an order would cost, and whether it would be taken now.
   *
   * Nothing is held: another order may take the credits first.
   *
   * Needs orders:read; side-effect `read`.
   */
  estimate(input: types.EstimateOrderInput, options: CallOptions = {}): Promise<types.Estimate> {
    return this._transport.send({ id: "orders.estimate", path: "/v1/orders/estimate", repeatable: true }, input, options);
  }

  /**
   * Charge an order for what was delivered.
   *
   * What it held beyond that is given back; what it takes beyond what it held has to be available. An order that expired can still be settled, as long as all of it is available. Settling again with the same lines, or with none, answers the order again.
   *
   * Needs orders:write; side-effect `spend`.
   *
   * Problems of its own: `not_found`, `insufficient_credits`, `limit_reached`, `conflict`.
   */
  settle(input: types.SettleOrderInput, options: KeyedCallOptions = {}): Promise<types.Order> {
    return this._transport.send({ id: "orders.settle", path: "/v1/orders/settle", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Cancel an order that is not settled, and give back what it holds.
   *
   * Cancelling again answers the same again.
   *
   * Needs orders:write; side-effect `spend`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  cancel(input: types.OrderRefInput, options: KeyedCallOptions = {}): Promise<types.CancelledOrder> {
    return this._transport.send({ id: "orders.cancel", path: "/v1/orders/cancel", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Give an organization back what a settled order was charged.
   *
   * Refunding again answers the order again.
   *
   * Needs admin:write; side-effect `spend`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  refund(input: types.RefundOrderInput, options: KeyedCallOptions = {}): Promise<types.Order> {
    return this._transport.send({ id: "orders.refund", path: "/v1/orders/refund", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Read one order.
   *
   * Needs orders:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.OrderRefInput, options: CallOptions = {}): Promise<types.Order> {
    return this._transport.send({ id: "orders.get", path: "/v1/orders/get", repeatable: true }, input, options);
  }

  /**
   * List the organization's orders, newest first.
   *
   * Needs orders:read; side-effect `read`.
   */
  list(input: types.OrderListInput = {}, options: CallOptions = {}): List<types.Order> {
    return new List(this._transport, { id: "orders.list", path: "/v1/orders/list", repeatable: true }, input, options);
  }
}

/** The cards an organization pays with. */
class PaymentMethods extends Resource {
  /**
   * Begin to take a card: what the processor's form in the browser needs.
   *
   * Card numbers go from the browser to the processor and never through here. What the form gives back is attached with `payment_methods.attach`.
   *
   * Needs billing:write; side-effect `export`.
   *
   * Problems of its own: `conflict`.
   */
  createSetupIntent(input: types.NothingInput = {}, options: KeyedCallOptions = {}): Promise<types.SetupSecret> {
    return this._transport.send({ id: "payment_methods.create_setup_intent", path: "/v1/payment_methods/create_setup_intent", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Attach a card, so that it can be charged.
   *
   * The first card becomes the default. A card that is attached already stays as it is. The sandbox takes the names of test cards: `pm_card_visa` works, `pm_card_chargeDeclined` attaches and is declined when it is charged.
   *
   * Needs billing:write; side-effect `compute`.
   *
   * Problems of its own: `card_declined`, `conflict`.
   */
  attach(input: types.AttachmentInput, options: KeyedCallOptions = {}): Promise<types.PaymentMethod> {
    return this._transport.send({ id: "payment_methods.attach", path: "/v1/payment_methods/attach", repeatable: true, keyed: true }, input, options);
  }

  /**
   * List the cards that are attached, newest first.
   *
   * Needs billing:read; side-effect `read`.
   */
  list(input: types.PageQueryInput = {}, options: CallOptions = {}): List<types.PaymentMethod> {
    return new List(this._transport, { id: "payment_methods.list", path: "/v1/payment_methods/list", repeatable: true }, input, options);
  }

  /**
   * Make a card the one that is charged when no other is named.
   *
   * Needs billing:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  setDefault(input: types.PaymentMethodRowInput, options: KeyedCallOptions = {}): Promise<types.PaymentMethod> {
    return this._transport.send({ id: "payment_methods.set_default", path: "/v1/payment_methods/set_default", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Detach a card for good.
   *
   * Where it was the default, the newest other card becomes it. A card that a payment is under way with can't be detached.
   *
   * Needs billing:write; side-effect `destructive`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  detach(input: types.PaymentMethodRowInput, options: KeyedCallOptions = {}): Promise<types.Detached> {
    return this._transport.send({ id: "payment_methods.detach", path: "/v1/payment_methods/detach", repeatable: true, keyed: true }, input, options);
  }
}

/** What the card processor tells. */
class Webhooks extends Resource {
  /**
   * Take in an event of Stripe's.
   *
   * The body is the event as Stripe sends it, and `Stripe-Signature` has to fit its bytes by one of the configured secrets, with a time at most 300 seconds from now. Events that were taken in before, that are of no interest, or that are about somebody else's payments are answered alike.
   *
   * Needs no token; side-effect `compute`.
   */
  stripe(input: RawBody, options: CallOptions = {}): Promise<types.Receipt> {
    return this._transport.send({ id: "webhooks.stripe", path: "/v1/webhooks/stripe", repeatable: true, public: true, body: "raw" }, input, options);
  }
}

class AdminRuns extends Resource {
  /**
   * List monthly runs of all organizations, the newest month first.
   *
   * A run that is parked is `failed`; its `problem` says what for. It goes on when the month is run again, with `billing.run_monthly_for_org`, or `billing.run_monthly_cron` for all that failed.
   *
   * Needs admin:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  list(input: types.AllRunsInput = {}, options: CallOptions = {}): List<types.ListedRun> {
    return new List(this._transport, { id: "admin.runs.list", path: "/v1/admin/runs/list", repeatable: true }, input, options);
  }
}

/** Organizations in the operator's hands. */
class AdminOrganizations extends Resource {
  /**
   * Create an organization for a customer.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `conflict`.
   */
  create(input: types.AdminNewOrganizationInput, options: KeyedCallOptions = {}): Promise<types.Organization> {
    return this._transport.send({ id: "admin.organizations.create", path: "/v1/admin/organizations/create", repeatable: true, keyed: true }, input, options);
  }

  /**
   * List every organization, newest first.
   *
   * Needs admin:read; side-effect `read`.
   */
  list(input: types.AdminOrganizationListInput = {}, options: CallOptions = {}): List<types.Organization> {
    return new List(this._transport, { id: "admin.organizations.list", path: "/v1/admin/organizations/list", repeatable: true }, input, options);
  }

  /**
   * Change what only the operator decides about an organization.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  set(input: types.SetOrganizationInput, options: KeyedCallOptions = {}): Promise<types.Organization> {
    return this._transport.send({ id: "admin.organizations.set", path: "/v1/admin/organizations/set", repeatable: true, keyed: true }, input, options);
  }
}

class AdminUsers extends Resource {
  /**
   * List every person who has signed up, newest first.
   *
   * Needs admin:read; side-effect `read`.
   */
  list(input: types.AdminUserListInput = {}, options: CallOptions = {}): List<types.AdminUser> {
    return new List(this._transport, { id: "admin.users.list", path: "/v1/admin/users/list", repeatable: true }, input, options);
  }
}

class AdminIdentities extends Resource {
  /**
   * Say which person here a person of the outside identity provider is.
   *
   * Doing it again changes nothing; a subject that is linked to somebody else is unlinked first.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  link(input: types.LinkIdentityInput, options: KeyedCallOptions = {}): Promise<types.Identity> {
    return this._transport.send({ id: "admin.identities.link", path: "/v1/admin/identities/link", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Part a person here from a person of the outside identity provider.
   *
   * Needs admin:write; side-effect `destructive`.
   *
   * Problems of its own: `not_found`.
   */
  unlink(input: types.LinkIdentityInput, options: KeyedCallOptions = {}): Promise<types.Unlinked> {
    return this._transport.send({ id: "admin.identities.unlink", path: "/v1/admin/identities/unlink", repeatable: true, keyed: true }, input, options);
  }

  /**
   * List who a person is at the outside identity provider.
   *
   * Needs admin:read; side-effect `read`.
   */
  list(input: types.IdentityListInput, options: CallOptions = {}): Promise<types.Identities> {
    return this._transport.send({ id: "admin.identities.list", path: "/v1/admin/identities/list", repeatable: true }, input, options);
  }
}

class AdminLedger extends Resource {
  /**
   * Prove that the ledgers of all organizations, or of one, are whole.
   *
   * Needs admin:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  verify(input: types.VerifyAllInput = {}, options: CallOptions = {}): Promise<types.AllVerified> {
    return this._transport.send({ id: "admin.ledger.verify", path: "/v1/admin/ledger/verify", repeatable: true }, input, options);
  }
}

/** Payments of subscriptions that were taken outside. */
class AdminSubscriptions extends Resource {
  /**
   * Note that a subscription's payment, taken outside, was made or failed.
   *
   * A failed one makes the subscription past due; one that still fails a week after the first pauses it. A made one ends both at once. Of a subscription that ended while it was owed, a made one lets the product be started again.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  markPayment(input: types.MarkPaymentInput, options: KeyedCallOptions = {}): Promise<types.Subscription> {
    return this._transport.send({ id: "admin.subscriptions.mark_payment", path: "/v1/admin/subscriptions/mark_payment", repeatable: true, keyed: true }, input, options);
  }
}

class Admin extends Resource {
  readonly runs = new AdminRuns(this._transport);

  readonly organizations = new AdminOrganizations(this._transport);

  readonly users = new AdminUsers(this._transport);

  readonly identities = new AdminIdentities(this._transport);

  readonly ledger = new AdminLedger(this._transport);

  /**
   * Hold the ledger against the card processor, and show what differs.
   *
   * At most 31 days, `from` and `to` included, in UTC. A charge or refund counts on the day on which the processor made it; nothing that is younger than 15 minutes is looked at.
   *
   * Needs admin:read; side-effect `read`.
   *
   * Problems of its own: `conflict`.
   */
  reconcile(input: types.ReconcileQueryInput = {}, options: CallOptions = {}): Promise<types.Reconciliation> {
    return this._transport.send({ id: "admin.reconcile", path: "/v1/admin/reconcile", repeatable: true }, input, options);
  }

  readonly subscriptions = new AdminSubscriptions(this._transport);
}

/** What can be counted. */
class UsageMetrics extends Resource {
  /**
   * List what can be counted, by name.
   *
   * Needs usage:read; side-effect `read`.
   */
  list(input: types.PageQueryInput = {}, options: CallOptions = {}): List<types.UsageMetric> {
    return new List(this._transport, { id: "usage.metrics.list", path: "/v1/usage/metrics/list", repeatable: true }, input, options);
  }

  /**
   * Make a metric that events can name.
   *
   * A metric belongs to the platform and stays as it was made. Making it again with the same fields answers the one that is there.
   *
   * Needs admin:write; side-effect `compute`.
   *
   * Problems of its own: `conflict`.
   */
  create(input: types.CreateMetricInput, options: KeyedCallOptions = {}): Promise<types.UsageMetric> {
    return this._transport.send({ id: "usage.metrics.create", path: "/v1/usage/metrics/create", repeatable: true, keyed: true }, input, options);
  }
}

/** What was used, and how much of it there is left. */
class Usage extends Resource {
  /**
   * Record what was used.
   *
   * An event is known by its metric and id, and counted once, for at least 45 days: a batch can be sent again after any failure. All of a batch is recorded, or nothing; events that can't be counted are named, and the others stand. Metrics with a price take their credits at once: where those do not suffice, nothing of the batch is recorded.
   *
   * Needs usage:write; side-effect `compute`.
   *
   * Problems of its own: `insufficient_credits`, `limit_reached`, `conflict`.
   */
  record(input: types.RecordUsageInput | Items<types.UsageEventInput>, options: CallOptions = {}): Promise<types.UsageRecorded> {
    return this._transport.send({ id: "usage.record", path: "/v1/usage/record", repeatable: true, lines: "application/x-ndjson", most: 100000 }, input, options);
  }

  /**
   * Ask whether so much may be used now, and hold it if so.
   *
   * The plan's quota of the cycle decides, and where more than the quota is sold, whether it can be paid: what all of the cycle's overage is worth has to fit into the credits that are available, and with what is spent into the hard limit. Of a metric that is charged as it is used, a hold reserves the credits, rounded up. A refusal is an answer, not an error. Only metrics that are summed or counted can be asked for.
   *
   * Needs usage:write; side-effect `compute`.
   */
  authorize(input: types.AuthorizeUsageInput, options: KeyedCallOptions = {}): Promise<types.Authorization> {
    return this._transport.send({ id: "usage.authorize", path: "/v1/usage/authorize", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Count what was used of a hold, and end it.
   *
   * What was not used of it is given back. More than was held is taken only if it would be allowed now; else nothing changes. It is counted in the cycle that the hold was made in. Committing the same quantity again answers the same.
   *
   * Needs usage:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`, `quota_exceeded`, `insufficient_credits`, `limit_reached`.
   */
  commit(input: types.CommitUsageInput, options: KeyedCallOptions = {}): Promise<types.EndedHold> {
    return this._transport.send({ id: "usage.commit", path: "/v1/usage/commit", repeatable: true, keyed: true }, input, options);
  }

  /**
   * End a hold of which nothing was used.
   *
   * A hold that was released before, or whose time is over, is answered as it is: nothing is held any more.
   *
   * Needs usage:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  release(input: types.ReleaseUsageInput, options: KeyedCallOptions = {}): Promise<types.EndedHold> {
    return this._transport.send({ id: "usage.release", path: "/v1/usage/release", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Read what the running cycle has used.
   *
   * Needs usage:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  current(input: types.UsageQueryInput, options: CallOptions = {}): Promise<types.UsageCurrent> {
    return this._transport.send({ id: "usage.current", path: "/v1/usage/current", repeatable: true }, input, options);
  }

  /**
   * List what cycles have used, or their days, newest first.
   *
   * Needs usage:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  history(input: types.UsageHistoryInput, options: CallOptions = {}): List<types.UsagePast> {
    return new List(this._transport, { id: "usage.history", path: "/v1/usage/history", repeatable: true }, input, options);
  }

  readonly metrics = new UsageMetrics(this._transport);
}

/** Keys by which programs call for an organization. */
class ApiKeys extends Resource {
  /**
   * Make an API key of the organization.
   *
   * The token is in the reply and can't be read again. A key gets at most the scopes of its maker, and expires no later.
   *
   * Needs api_keys:write; side-effect `export`.
   *
   * Problems of its own: `forbidden`.
   */
  create(input: types.CreateKeyInput, options: KeyedCallOptions = {}): Promise<types.NewApiKey> {
    return this._transport.send({ id: "api_keys.create", path: "/v1/api_keys/create", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Read one API key.
   *
   * Needs api_keys:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.KeyRefInput, options: CallOptions = {}): Promise<types.ApiKey> {
    return this._transport.send({ id: "api_keys.get", path: "/v1/api_keys/get", repeatable: true }, input, options);
  }

  /**
   * List the organization's API keys, newest first.
   *
   * Needs api_keys:read; side-effect `read`.
   */
  list(input: types.PageQueryInput = {}, options: CallOptions = {}): List<types.ApiKey> {
    return new List(this._transport, { id: "api_keys.list", path: "/v1/api_keys/list", repeatable: true }, input, options);
  }

  /**
   * Change the name or the rate limit of an API key.
   *
   * Needs api_keys:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`.
   */
  update(input: types.UpdateKeyInput, options: KeyedCallOptions = {}): Promise<types.ApiKey> {
    return this._transport.send({ id: "api_keys.update", path: "/v1/api_keys/update", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Replace an API key by a new one with the same rights.
   *
   * The new key has an id of its own. The old one dies at once, or after `overlap_seconds`.
   *
   * Needs api_keys:write; side-effect `export`.
   *
   * Problems of its own: `not_found`, `forbidden`, `conflict`.
   */
  rotate(input: types.RotateKeyInput, options: KeyedCallOptions = {}): Promise<types.NewApiKey> {
    return this._transport.send({ id: "api_keys.rotate", path: "/v1/api_keys/rotate", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Revoke an API key; it is refused from the very next request on.
   *
   * Needs api_keys:write; side-effect `destructive`.
   *
   * Problems of its own: `not_found`.
   */
  revoke(input: types.KeyRefInput, options: KeyedCallOptions = {}): Promise<types.Revoked> {
    return this._transport.send({ id: "api_keys.revoke", path: "/v1/api_keys/revoke", repeatable: true, keyed: true }, input, options);
  }
}

class AuthUsers extends Resource {
  /**
   * Sign up.
   *
   * Needs no token; side-effect `compute`.
   *
   * Problems of its own: `address_taken`.
   */
  create(input: types.CreateUserInput, options: CallOptions = {}): Promise<types.CreatedUser> {
    return this._transport.send({ id: "auth.users.create", path: "/v1/auth/users/create", public: true }, input, options);
  }
}

/** Signing in and out. */
class AuthSessions extends Resource {
  /**
   * Sign in.
   *
   * Ten failures of an address within 15 minutes lock it until the oldest of them is 15 minutes old. Known and unknown addresses are answered alike.
   *
   * Needs no token; side-effect `export`.
   *
   * Problems of its own: `unauthenticated`, `not_found`.
   */
  create(input: types.CreateSessionInput, options: CallOptions = {}): Promise<types.SessionTokens> {
    return this._transport.send({ id: "auth.sessions.create", path: "/v1/auth/sessions/create", public: true }, input, options);
  }

  /**
   * Exchange a refresh token for new tokens.
   *
   * A refresh token works once. One that comes a second time ends its session with every token that came of it.
   *
   * Needs no token; side-effect `export`.
   *
   * Problems of its own: `unauthenticated`.
   */
  refresh(input: types.RefreshSessionInput, options: CallOptions = {}): Promise<types.SessionTokens> {
    return this._transport.send({ id: "auth.sessions.refresh", path: "/v1/auth/sessions/refresh", public: true }, input, options);
  }

  /**
   * List where you are signed in, newest first.
   *
   * Needs a person's session; side-effect `read`.
   */
  list(input: types.PageQueryInput = {}, options: CallOptions = {}): List<types.Session> {
    return new List(this._transport, { id: "auth.sessions.list", path: "/v1/auth/sessions/list", repeatable: true }, input, options);
  }

  /**
   * Sign out: end this session, another of yours, or all others.
   *
   * The session's tokens are refused from the very next request on.
   *
   * Needs a person's session; side-effect `destructive`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  revoke(input: types.RevokeSessionInput = {}, options: CallOptions = {}): Promise<types.RevokedSessions> {
    return this._transport.send({ id: "auth.sessions.revoke", path: "/v1/auth/sessions/revoke" }, input, options);
  }

  /**
   * Act for another of your organizations in this session.
   *
   * Needs a person's session; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  switch(input: types.SwitchOrganizationInput, options: CallOptions = {}): Promise<types.Switched> {
    return this._transport.send({ id: "auth.sessions.switch", path: "/v1/auth/sessions/switch" }, input, options);
  }
}

/** Changing a password, and replacing a forgotten one. */
class AuthPasswords extends Resource {
  /**
   * Change your password.
   *
   * All other sessions end. A wrong current password counts as a failed sign-in.
   *
   * Needs a person's session; side-effect `compute`.
   *
   * Problems of its own: `conflict`.
   */
  change(input: types.ChangePasswordInput, options: CallOptions = {}): Promise<types.ChangedPassword> {
    return this._transport.send({ id: "auth.passwords.change", path: "/v1/auth/passwords/change" }, input, options);
  }

  /**
   * Ask for a mail by which a forgotten password is replaced.
   *
   * The answer is the same for every address. A person gets at most 3 such mails an hour, and each works once, for an hour.
   *
   * Needs no token; side-effect `compute`.
   */
  resetRequest(input: types.ResetRequestInput, options: CallOptions = {}): Promise<types.Nothing> {
    return this._transport.send({ id: "auth.passwords.reset_request", path: "/v1/auth/passwords/reset_request", public: true }, input, options);
  }

  /**
   * Choose a new password by the token of a mail.
   *
   * All sessions of the person end, and failed sign-ins are forgotten.
   *
   * Needs no token; side-effect `compute`.
   */
  reset(input: types.ResetPasswordInput, options: CallOptions = {}): Promise<types.Nothing> {
    return this._transport.send({ id: "auth.passwords.reset", path: "/v1/auth/passwords/reset", public: true }, input, options);
  }
}

/** People: signing up, and who a token stands for. */
class Auth extends Resource {
  readonly users = new AuthUsers(this._transport);

  /**
   * Find out whom the token stands for, and what it may do.
   *
   * Needs any token; side-effect `read`.
   */
  whoami(input: types.NothingInput = {}, options: CallOptions = {}): Promise<types.Whoami> {
    return this._transport.send({ id: "auth.whoami", path: "/v1/auth/whoami", repeatable: true }, input, options);
  }

  readonly sessions = new AuthSessions(this._transport);

  readonly passwords = new AuthPasswords(this._transport);
}

/** OAuth 2.0 for programs that speak it. */
class Oauth extends Resource {
  /**
   * Get an access token by OAuth 2.0.
   *
   * Grants: `password` and `refresh_token` of a person, as by auth.sessions; `client_credentials` of an API key.
   *
   * Needs no token; side-effect `export`.
   *
   * Problems of its own: `invalid_grant`, `unsupported_grant_type`, `invalid_client`, `invalid_scope`.
   */
  token(input: types.OauthGrantInput, options: CallOptions = {}): Promise<types.OauthToken> {
    return this._transport.send({ id: "oauth.token", path: "/v1/oauth/token", public: true, body: "form" }, input, options);
  }

  /**
   * Give a token back: it is refused from the very next request on.
   *
   * Either token of a session ends it. A token that is unknown is revoked already.
   *
   * Needs no token; side-effect `destructive`.
   *
   * Problems of its own: `unsupported_token_type`.
   */
  revoke(input: types.OauthRevocationInput, options: CallOptions = {}): Promise<types.Nothing> {
    return this._transport.send({ id: "oauth.revoke", path: "/v1/oauth/revoke", repeatable: true, public: true, body: "form" }, input, options);
  }
}

/** What was sent to subscriptions. */
class EventSubscriptionsDeliveries extends Resource {
  /**
   * List what was sent to the organization's subscriptions, with every attempt, newest first.
   *
   * Deliveries are kept for 30 days.
   *
   * Needs event_subscriptions:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  list(input: types.DeliveryQueryInput = {}, options: CallOptions = {}): List<types.EventDelivery> {
    return new List(this._transport, { id: "event_subscriptions.deliveries.list", path: "/v1/event_subscriptions/deliveries/list", repeatable: true }, input, options);
  }
}

/** Events sent to addresses of the organization's own. */
class EventSubscriptions extends Resource {
  /**
   * Have events sent to an address of yours.
   *
   * Events are sent by POST, at least once each, signed as Standard Webhooks says; an answer of 2xx within 10 seconds is success. First attempts begin in order; what fails is sent again after 10 s, 1 m, 10 m, 1 h, 6 h and 24 h, and after that, or on 410, the subscription is paused. An organization has at most 50.
   *
   * Needs event_subscriptions:write; side-effect `export`.
   *
   * Problems of its own: `conflict`.
   */
  create(input: types.CreateSubscriptionInput, options: KeyedCallOptions = {}): Promise<types.NewEventSubscription> {
    return this._transport.send({ id: "event_subscriptions.create", path: "/v1/event_subscriptions/create", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Read one subscription to events.
   *
   * Needs event_subscriptions:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  get(input: types.EventSubscriptionRefInput, options: CallOptions = {}): Promise<types.EventSubscription> {
    return this._transport.send({ id: "event_subscriptions.get", path: "/v1/event_subscriptions/get", repeatable: true }, input, options);
  }

  /**
   * List the organization's subscriptions to events, newest first.
   *
   * Needs event_subscriptions:read; side-effect `read`.
   */
  list(input: types.PageQueryInput = {}, options: CallOptions = {}): List<types.EventSubscription> {
    return new List(this._transport, { id: "event_subscriptions.list", path: "/v1/event_subscriptions/list", repeatable: true }, input, options);
  }

  /**
   * Change, pause or resume a subscription to events.
   *
   * While it is paused no event is added, and what waits is kept, for 30 days; resumed, it goes on at once, the oldest first. What has begun may still arrive.
   *
   * Needs event_subscriptions:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`.
   */
  update(input: types.UpdateSubscriptionInput, options: KeyedCallOptions = {}): Promise<types.EventSubscription> {
    return this._transport.send({ id: "event_subscriptions.update", path: "/v1/event_subscriptions/update", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Delete a subscription to events.
   *
   * What waits for it is not sent any more. Its deliveries can be listed for 30 days.
   *
   * Needs event_subscriptions:write; side-effect `destructive`.
   *
   * Problems of its own: `not_found`.
   */
  delete(input: types.EventSubscriptionRefInput, options: KeyedCallOptions = {}): Promise<types.SubscriptionDeleted> {
    return this._transport.send({ id: "event_subscriptions.delete", path: "/v1/event_subscriptions/delete", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Replace the secret that a subscription's events are signed with.
   *
   * Until the overlap is over each event carries a signature by either secret, the new one's first. One that was being replaced already signs no more.
   *
   * Needs event_subscriptions:write; side-effect `export`.
   *
   * Problems of its own: `not_found`.
   */
  rotateSecret(input: types.RotateSubscriptionInput, options: KeyedCallOptions = {}): Promise<types.RotatedSecret> {
    return this._transport.send({ id: "event_subscriptions.rotate_secret", path: "/v1/event_subscriptions/rotate_secret", repeatable: true, keyed: true }, input, options);
  }

  readonly deliveries = new EventSubscriptionsDeliveries(this._transport);

  /**
   * Send a delivery once more, at once, also one that has arrived.
   *
   * It carries the same `webhook-id`. Where the subscription is paused it waits until that is resumed; where it was deleted the answer is 404. A delivery has at most 100 attempts.
   *
   * Needs event_subscriptions:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`, `conflict`.
   */
  redeliver(input: types.DeliveryRefInput, options: KeyedCallOptions = {}): Promise<types.EventDelivery> {
    return this._transport.send({ id: "event_subscriptions.redeliver", path: "/v1/event_subscriptions/redeliver", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Send an event of the type `webhook.test` to a subscription, and tell what was answered.
   *
   * It is sent once, also while the subscription is paused, and changes nothing about it. The endpoint has 5 seconds. Few endpoints are tried at once, of an organization one: 503 `busy` tells that it is somebody else's turn.
   *
   * Needs event_subscriptions:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`.
   */
  test(input: types.EventSubscriptionRefInput, options: KeyedCallOptions = {}): Promise<types.SubscriptionTested> {
    return this._transport.send({ id: "event_subscriptions.test", path: "/v1/event_subscriptions/test", repeatable: true, keyed: true }, input, options);
  }
}

/** What has happened in the organization. */
class Events extends Resource {
  /**
   * List what has happened in the organization, in the order in which webhooks begin.
   *
   * Instead of webhooks, or to fill a gap: ask for what came behind the last event that you have (`after_event_id`). Nothing ever appears before an event that was listed. An event appears about a second after it happened, and is kept for 90 days, or as long as the operator has set (`event_days`).
   *
   * Needs event_subscriptions:read; side-effect `read`.
   *
   * Problems of its own: `not_found`.
   */
  list(input: types.FeedQueryInput = {}, options: CallOptions = {}): List<types.Event> {
    return new List(this._transport, { id: "events.list", path: "/v1/events/list", repeatable: true }, input, options);
  }
}

/** What a person is told. */
class Notifications extends Resource {
  /**
   * List what the person was told, newest first.
   *
   * The inbox is the person's own, over every organization, whichever the session acts for. What was dismissed is not shown.
   *
   * Needs notifications:read; side-effect `read`.
   */
  list(input: types.InboxQueryInput = {}, options: CallOptions = {}): List<types.Notification> {
    return new List(this._transport, { id: "notifications.list", path: "/v1/notifications/list", repeatable: true }, input, options);
  }

  /**
   * Count what the person has not read yet, over every organization.
   *
   * Needs notifications:read; side-effect `read`.
   */
  unreadCount(input: types.NothingInput = {}, options: CallOptions = {}): Promise<types.UnreadCount> {
    return this._transport.send({ id: "notifications.unread_count", path: "/v1/notifications/unread_count", repeatable: true }, input, options);
  }

  /**
   * Mark one notification as read.
   *
   * Doing it again changes nothing: `read_at` stays the first time.
   *
   * Needs notifications:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`.
   */
  markRead(input: types.NotificationRefInput, options: KeyedCallOptions = {}): Promise<types.Notification> {
    return this._transport.send({ id: "notifications.mark_read", path: "/v1/notifications/mark_read", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Mark the whole inbox as read, over every organization.
   *
   * Needs notifications:write; side-effect `compute`.
   */
  markAllRead(input: types.NothingInput = {}, options: KeyedCallOptions = {}): Promise<types.Marked> {
    return this._transport.send({ id: "notifications.mark_all_read", path: "/v1/notifications/mark_all_read", repeatable: true, keyed: true }, input, options);
  }

  /**
   * Take one notification out of the inbox.
   *
   * It is shown to nobody any more and forgotten within a day; until then doing it again is fine.
   *
   * Needs notifications:write; side-effect `compute`.
   *
   * Problems of its own: `not_found`.
   */
  dismiss(input: types.NotificationRefInput, options: KeyedCallOptions = {}): Promise<types.Dismissed> {
    return this._transport.send({ id: "notifications.dismiss", path: "/v1/notifications/dismiss", repeatable: true, keyed: true }, input, options);
  }
}

/** Who did what, and the proof that it was not changed. */
class Audit extends Resource {
  /**
   * List what was done in the organization, and by whom, newest first.
   *
   * Needs audit:read; side-effect `read`.
   */
  list(input: types.AuditQueryInput = {}, options: CallOptions = {}): List<types.Deed> {
    return new List(this._transport, { id: "audit.list", path: "/v1/audit/list", repeatable: true }, input, options);
  }
}

/** Every operation of the API, under its dotted name. */
export class Operations extends Resource {
  readonly organizations = new Organizations(this._transport);

  readonly billing = new Billing(this._transport);

  readonly orders = new Orders(this._transport);

  readonly paymentMethods = new PaymentMethods(this._transport);

  readonly webhooks = new Webhooks(this._transport);

  readonly admin = new Admin(this._transport);

  readonly usage = new Usage(this._transport);

  readonly apiKeys = new ApiKeys(this._transport);

  readonly auth = new Auth(this._transport);

  readonly oauth = new Oauth(this._transport);

  readonly eventSubscriptions = new EventSubscriptions(this._transport);

  readonly events = new Events(this._transport);

  readonly notifications = new Notifications(this._transport);

  readonly audit = new Audit(this._transport);
}
