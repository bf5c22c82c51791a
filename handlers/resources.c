/*
 * The table of contents: every resource, in the order of the reference; then those that offer no operation.
 */
#include "resources.h"

const struct resource *const resources[] = {
	&organizations_resource,
	&members_resource,
	&invitations_resource,
	&invitation_answers_resource,
	&credits_resource,
	&plans_resource,
	&api_keys_resource,
	&users_resource,
	&session_operations_resource,
	&passwords_resource,
	&oauth_resource,
	&notifications_resource,
	&audit_resource,
	&admin_organizations_resource,
	&admin_people_resource,
	&grants_resource,
	&ledger_verify_resource,
	&organization_create_resource,
	&organization_update_resource,
	&organization_close_resource,
	&organization_erase_resource,
	&membership_resource,
	&ledger_resource,
	&ledger_proof_resource,
	&lots_resource,
	&outbox_resource,
	&mail_resource,
	&idempotency_resource,
	&sessions_resource,
	&sign_in_resource,
	&auth_purge_resource,
	NULL,
};
