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
extern const struct resource members_resource;
extern const struct resource membership_resource;
extern const struct resource invitations_resource;
extern const struct resource invitation_answers_resource;
extern const struct resource credits_resource;
extern const struct resource grants_resource;
extern const struct resource lots_resource;
extern const struct resource ledger_resource;
extern const struct resource ledger_proof_resource;
extern const struct resource ledger_verify_resource;
extern const struct resource outbox_resource;
extern const struct resource audit_resource;
extern const struct resource notifications_resource;
extern const struct resource mail_resource;
extern const struct resource idempotency_resource;

#endif
