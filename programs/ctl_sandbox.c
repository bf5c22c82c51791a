/*
 * purserctl sandbox authenticate|fail: what a person does in the browser when a card asks them to authenticate. The
 * sandbox has no browser; its payments are finished here, and whoever looks at the payment next learns of it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ctl.h"
#include "handlers/sandbox.h"
#include "text.h"

static int
answer(int argc, char **argv, bool succeeds, const char *usage)
{
	const struct problem *p;
	struct charge charge;
	struct call call;

	if (argc != 2)
		return ctl_usage(usage);
	if (!ctl_start())
		return EXIT_FAILURE;
	ctl_call_begin(&call, "purserctl.sandbox");
	p = sandbox_authenticate(&call, text_from(argv[1]), succeeds, &charge);
	if (p != NULL)
		return ctl_end(&call, p);
	if (charge.state == (succeeds ? CHARGE_SUCCEEDED : CHARGE_DECLINED)) {
		puts(succeeds ? "succeeded" : "declined");
		return EXIT_SUCCESS;
	}
	fputs(charge.state == CHARGE_NONE ? "purserctl: the sandbox has no such payment intent\n"
					  : "purserctl: this payment intent does not wait for a person\n",
	    stderr);
	return EXIT_FAILURE;
}

int
ctl_sandbox_authenticate(int argc, char **argv)
{
	return answer(argc, argv, true, "sandbox authenticate PAYMENT_INTENT");
}

int
ctl_sandbox_fail(int argc, char **argv)
{
	return answer(argc, argv, false, "sandbox fail PAYMENT_INTENT");
}
