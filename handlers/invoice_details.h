/*
 * All of an invoice, as billing.invoices.get answers it; and what makes other media of it.
 */
#ifndef PURSER_INVOICE_DETAILS_H
#define PURSER_INVOICE_DETAILS_H

#include "credit_note.h"
#include "invoice.h"

struct invoice_details {
	struct invoice invoice; /* without its lines */
	struct invoice_party *issuer, *customer;
	struct list lines;        /* of invoice_line */
	struct list taxes;        /* of invoice_tax_sum */
	struct list credit_notes; /* of credit_note */
};
extern const struct shape invoice_details_shape;

/* Renderings: `details` is a struct invoice_details. */
const struct problem *invoice_csv_write(struct call *call, const void *details);
const struct problem *invoice_pdf_write(struct call *call, const void *details);

/* The header that names the file, such as invoice INV-000012.csv. */
void invoice_name_file(struct call *call, const struct invoice *invoice, const char *ending);

#endif
