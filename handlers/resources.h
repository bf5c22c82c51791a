/*
 * Every resource of the product, to be listed in resources.c.
 */
#ifndef PURSER_RESOURCES_H
#define PURSER_RESOURCES_H

#include "operation.h"

extern const struct resource organizations_resource;
extern const struct resource admin_organizations_resource;
extern const struct resource plans_resource;
extern const struct resource api_keys_resource;
extern const struct resource organization_create_resource;
extern const struct resource invitations_resource;
extern const struct resource credits_resource;
extern const struct resource grants_resource;
extern const struct resource lots_resource;
extern const struct resource ledger_resource;
extern const struct resource ledger_proof_resource;
extern const struct resource ledger_verify_resource;
extern const struct resource outbox_resource;
extern const struct resource audit_resource;
extern const struct resource idempotency_resource;

#endif
