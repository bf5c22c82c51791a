/*
 * Charts: a few lines over the same steps, on a scale that begins at 0, and below it what each line is.
 */
#include "pdf_parts.h"

enum {
	HEIGHT = 96000,
	LEGEND_LINE = 16000,
	LEGEND_GAP = 5000,
	NAME_GAP = 22000,
	SCALE_GAP = 6000,
	GRID_LINES = 4,
	GRID_WEIGHT = 400,
	GRID_GRAY = 880,
	AXIS_GRAY = 600,
	GAP_BELOW = 16000,
	DASH = 3200
};

struct plot {
	struct layout *layout;
	const struct pdf_chart *chart;
	int64_t left, top, width;
};

/* Of a place in the chart: thousandths of a step, and a value. */
static struct canvas_point
point_of(const struct plot *plot, int64_t place, int64_t value)
{
	const struct pdf_chart *chart = plot->chart;
	int64_t steps = chart->steps > 1 ? (int64_t)chart->steps - 1 : 1;
	int64_t most = chart->most > 0 ? chart->most : 1;
	int64_t inside = value < 0 ? 0 : value < most ? value : most;
	int64_t height = most < INT64_MAX / HEIGHT ? inside * HEIGHT / most : inside / (most / HEIGHT);

	return (struct canvas_point){ plot->left + plot->width * place / (steps * 1000), plot->top + HEIGHT - height };
}

static void
put_scale(const struct plot *plot)
{
	struct layout *layout = plot->layout;
	const struct pdf_chart *chart = plot->chart;
	struct text_box scale = { MARGIN, plot->top - pdf_small.leading / 2, plot->left - MARGIN - SCALE_GAP, true };
	struct text_box steps = { plot->left, plot->top + HEIGHT + 2000, plot->width, false };

	for (int i = 0; i <= GRID_LINES; i++)
		layout_rule(layout, plot->left, plot->top + HEIGHT * i / GRID_LINES, plot->width, GRID_WEIGHT,
		    i == GRID_LINES ? AXIS_GRAY : GRID_GRAY);
	layout_line(layout, &pdf_small, scale, chart->top);
	scale.top += HEIGHT;
	layout_line(layout, &pdf_small, scale, chart->bottom);
	layout_line(layout, &pdf_small, steps, chart->begin);
	steps.right = true;
	layout_line(layout, &pdf_small, steps, chart->end);
}

/* As long as the gaps between them; a step has a whole number of both. */
static void
put_dashes(const struct plot *plot, const struct pdf_series *series)
{
	int64_t step = plot->width / (plot->chart->steps > 1 ? (int64_t)plot->chart->steps - 1 : 1);
	int64_t parts = 2 * (step / (2 * DASH)) + 2;

	for (int64_t i = 0; i + 1 < (int64_t)series->count; i++)
		for (int64_t part = 0; part < parts; part += 2) {
			int64_t from = series->values[i], more = (series->values[i + 1] - from) / parts;
			int64_t place = ((int64_t)series->first + i) * 1000;
			struct canvas_point points[] = { point_of(
							     plot, place + 1000 * part / parts, from + more * part),
				point_of(plot, place + 1000 * (part + 1) / parts, from + more * (part + 1)) };

			canvas_path(plot->layout->canvas, points, COUNT(points), series->weight, series->gray);
		}
}

static void
put_series(const struct plot *plot, const struct pdf_series *series)
{
	struct canvas_point *points = arena_array(plot->layout->arena, series->count, sizeof(*points));

	for (size_t i = 0; i < series->count; i++)
		points[i] = point_of(plot, (int64_t)(series->first + i) * 1000, series->values[i]);
	canvas_path(plot->layout->canvas, points, series->count, series->weight, series->gray);
}

/* A piece of the line, and its name. Answers where the next one may begin. */
static int64_t
put_name(const struct plot *plot, const struct pdf_series *series, int64_t left, int64_t top)
{
	struct layout *layout = plot->layout;
	int64_t middle = top + pdf_small.leading / 2, dash = LEGEND_LINE / (series->dashed ? 5 : 1);
	struct text_box box = { left + LEGEND_LINE + LEGEND_GAP, top, BODY_WIDTH, false };

	for (int64_t at = 0; at < LEGEND_LINE && !layout->is_trying; at += 2 * dash) {
		struct canvas_point points[] = { { left + at, middle }, { left + at + dash, middle } };

		canvas_path(layout->canvas, points, COUNT(points), series->weight, series->gray);
	}
	layout_line(layout, &pdf_small, box, series->name);
	return box.left + canvas_width(layout->canvas, &pdf_small, series->name) + NAME_GAP;
}

void
layout_chart(struct layout *layout, const struct pdf_chart *chart)
{
	int64_t scale = canvas_width(layout->canvas, &pdf_small, chart->top);
	struct plot plot = { layout, chart, MARGIN + scale + SCALE_GAP, layout->y + pdf_small.leading / 2,
		BODY_WIDTH - scale - SCALE_GAP };
	int64_t left = plot.left;

	put_scale(&plot);
	for (size_t i = 0; i < chart->series_count && !layout->is_trying; i++)
		(chart->series[i].dashed ? put_dashes : put_series)(&plot, &chart->series[i]);
	layout->y = plot.top + HEIGHT + pdf_small.leading + 6000;
	for (size_t i = 0; i < chart->series_count; i++)
		left = put_name(&plot, &chart->series[i], left, layout->y);
	layout->y += pdf_small.leading + GAP_BELOW;
}
