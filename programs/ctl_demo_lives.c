/*
 * The demo data: what several organizations do alike, month by month.
 */
#include "ctl_demo.h"
#include "text.h"

#define EVENT(metric, day, service, operator, quantity, cost)                                           \
	"{\"id\":\"$month-" day "-" metric "\",\"metric\":\"" metric "\",\"occurred_at\":\"$month-" day \
	"T10:30:00Z\",\"service\":\"" service "\",\"operator\":\""                                      \
	operator"\",\"quantity\":" quantity ",\"cost\":\"" cost "\",\"properties\":{\"app\":\"" service "\"}}"
#define CALLS(day, service, quantity) EVENT("requests", day, service, "purser", quantity, "1.85")
#define TOKENS(day, asked, answered)                                    \
	EVENT("prompt_tokens", day, "chat", "anthropic", asked, "0.92") \
	"," EVENT("completion_tokens", day, "chat", "anthropic", answered, "2.40")

#define LINE(sku, description, service, quantity, credits)                                \
	"{\"sku\":\"" sku "\",\"description\":\"" description "\",\"service\":\"" service \
	"\",\"quantity\":\"" quantity "\",\"unit_credits\":" credits "}"

/* ---- usage ----------------------------------------------------------------------------------------------------------
 */

static const struct demo_deed usage[] = {
	DEED(12, 0, 8, 14, "usage.record",
	    "{\"events\":[" CALLS("02", "search", "~6200~") "," TOKENS("03", "~310000~", "~312000~") "," CALLS(
		"05", "tiles", "~9100~") "," TOKENS("07", "~280000~", "~366000~") "]}"),
	DEED(12, 0, 18, 14, "usage.record",
	    "{\"events\":[" CALLS("10", "search", "~7400~") "," TOKENS("12", "~350000~", "~348000~") "," CALLS(
		"14", "tiles", "~8300~") "," TOKENS("17", "~330000~", "~294000~") "]}"),
	DEED(12, 0, 27, 14, "usage.record",
	    "{\"events\":[" CALLS("20", "search", "~6900~") "," TOKENS("22", "~290000~", "~396000~") "," CALLS(
		"24", "tiles", "~9900~") "," TOKENS("26", "~390000~", "~426000~") "]}"),
};
const struct demo_life demo_usage = { COUNT(usage), usage };

/* ---- orders ---------------------------------------------------------------------------------------------------------
 */

#define SETTLE "{\"order_id\":\"$9\"}"

static const struct demo_deed orders[] = {
	DEED(12, 0, 5, 9, "orders.create",
	    "{\"reference\":\"$month-survey\",\"lines\":[" LINE("scene-50", "Scenes at 50 cm", "imagery", "~48~",
		"55") "," LINE("dem-1m", "Elevation model, 1 m", "elevation", "~7~.5", "90") "]}",
	    .keep = 9),
	DEED(12, 0, 6, 9, "orders.settle", SETTLE),
	DEED(12, 0, 14, 9, "orders.create",
	    "{\"reference\":\"$month-archive\",\"lines\":[" LINE(
		"archive", "Scenes from the archive", "archive", "~160~", "9") "]}",
	    .keep = 9),
	DEED(12, 0, 15, 9, "orders.settle", SETTLE),
	DEED(12, 0, 24, 9, "orders.create",
	    "{\"reference\":\"$month-change\",\"lines\":[" LINE("change", "Change detection, weekly", "analytics",
		"~33~", "75") "," LINE("scene-30", "Scenes at 30 cm", "imagery", "~12~", "140") "]}",
	    .keep = 9),
	DEED(12, 0, 25, 9, "orders.settle", SETTLE),
};
const struct demo_life demo_orders = { COUNT(orders), orders };

/* ---- paying ---------------------------------------------------------------------------------------------------------
 */

static const struct demo_deed purchases[] = {
	DEED(12, 0, 3, 8, "billing.topup", "{\"credits\":~11500~,\"description\":\"Credits for $month\"}", .keep = 8),
};
const struct demo_life demo_purchases = { COUNT(purchases), purchases };

static const struct demo_deed runs[] = {
	DEED(12, 0, 2, 13, "billing.run_monthly_for_org", "{\"organization_id\":\"$organization\"}"),
};
const struct demo_life demo_runs = { COUNT(runs), runs };

/* Who pays afterwards, by a bank transfer. */
static const struct demo_deed transfers[] = {
	DEED(12, 0, 2, 13, "billing.run_monthly_for_org", "{\"organization_id\":\"$organization\"}"),
	DEED(12, 1, 13, 11, "billing.enterprise.mark_invoiced",
	    "{\"organization_id\":\"$organization\",\"invoice_id\":\"$run\",\"reference\":\"Transfer $month\"}",
	    .who = BY_OPERATOR),
};
const struct demo_life demo_transfers = { COUNT(transfers), transfers };
