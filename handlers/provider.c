/*
 * The card processors by name.
 */
#include "provider.h"

#include "config.h"
#include "text.h"

static const struct provider *const providers[] = { &stripe_provider, &sandbox_provider };

const struct provider *
provider_named(struct text name)
{
	for (size_t i = 0; i < COUNT(providers); i++)
		if (text_is(name, providers[i]->name))
			return providers[i];
	return NULL;
}

const struct provider *
provider_chosen(void)
{
	return provider_named(text_from(config.provider));
}

const struct problem *
provider_need(struct call *call, const struct provider **provider)
{
	*provider = provider_chosen();
	return *provider == NULL ? fail(call, CONFLICT, "This installation takes no cards.") : NULL;
}

bool
provider_is_believed(const struct provider *provider)
{
	return provider != &sandbox_provider || provider_chosen() == &sandbox_provider;
}
