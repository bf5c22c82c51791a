/*
 * Every resource of the product, to be listed in resources.c.
 */
#ifndef PURSER_RESOURCES_H
#define PURSER_RESOURCES_H

#include "operation.h"

extern const struct resource organizations_resource;
extern const struct resource admin_organizations_resource;
extern const struct resource admin_people_resource;
extern const struct resource plans_resource;
extern const struct resource api_keys_resource;
extern const struct resource users_resource;
extern const struct resource session_operations_resource;
extern const struct resource passwords_resource;
extern const struct resource oauth_resource;
extern const struct resource sessions_resource;
extern const struct resource sign_in_resource;
extern const struct resource auth_purge_resource;
extern const struct resource organization_create_resource;
extern const struct resource organization_update_resource;
extern const struct resource organization_close_resource;
extern const struct resource organization_erase_resource;
extern const struct resource organization_erase_cards_resource;
extern const struct resource members_resource;
extern const struct resource membership_resource;
extern const struct resource invitations_resource;
extern const struct resource invitation_answers_resource;
extern const struct resource credits_resource;
extern const struct resource grants_resource;
extern const struct resource limits_resource;
extern const struct resource lots_resource;
extern const struct resource orders_resource;
extern const struct resource order_resource;
extern const struct resource order_create_resource;
extern const struct resource order_settle_resource;
extern const struct resource order_undo_resource;
extern const struct resource order_expiry_resource;
extern const struct resource funds_resource;
extern const struct resource ledger_resource;
extern const struct resource ledger_proof_resource;
extern const struct resource ledger_verify_resource;
extern const struct resource outbox_resource;
extern const struct resource audit_resource;
extern const struct resource notifications_resource;
extern const struct resource mail_resource;
extern const struct resource idempotency_resource;
extern const struct resource payment_methods_resource;
extern const struct resource topups_resource;
extern const struct resource payment_resource;
extern const struct resource payment_perform_resource;
extern const struct resource payment_book_resource;
extern const struct resource payment_sweep_resource;
extern const struct resource payment_method_resource;
extern const struct resource sandbox_cards_resource;
extern const struct resource sandbox_charges_resource;
extern const struct resource sandbox_movements_resource;
extern const struct resource dispute_resource;
extern const struct resource reconcile_resource;
extern const struct resource reconcile_ledger_resource;
extern const struct resource refund_resource;
extern const struct resource refund_sweep_resource;
extern const struct resource refunds_resource;
extern const struct resource stripe_invoices_resource;
extern const struct resource stripe_webhook_resource;
extern const struct resource approvals_resource;
extern const struct resource approval_decide_resource;
extern const struct resource auto_topup_resource;
extern const struct resource auto_topup_outcome_resource;
extern const struct resource auto_topup_run_resource;

#endif
