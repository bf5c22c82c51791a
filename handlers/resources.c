/*
 * The table of contents: every resource, in the order of the reference; then those that offer no operation.
 */
#include "resources.h"

const struct resource *const resources[] = {
	&organizations_resource,
	&credits_resource,
	&plans_resource,
	&api_keys_resource,
	&audit_resource,
	&admin_organizations_resource,
	&grants_resource,
	&ledger_verify_resource,
	&organization_create_resource,
	&invitations_resource,
	&ledger_resource,
	&ledger_proof_resource,
	&lots_resource,
	&outbox_resource,
	&idempotency_resource,
	NULL,
};
