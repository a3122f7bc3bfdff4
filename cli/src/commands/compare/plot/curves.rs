//! How a figure changes along an axis, as curves of all runners.

use super::axis::Axis;
use super::shapes::{NAME, median, path};
use crate::commands::compare::scaling::{Curves, Point};
use crate::output::svg::{COLUMNS, LETTER, MARGIN, Page};
use crate::text::fit;
use crate::text::units::Common;

/// The height of the curves.
const HEIGHT: f64 = 200.0;

/// The label of the ideal's curve.
const IDEAL: &str = "ideal";

/// The height of a label beside the end of its curve.
const LABEL: f64 = 16.0;

pub(super) fn draw(page: &mut Page, curves: &Curves<'_>) {
    let points = || curves.runners.iter().flat_map(|(_, points)| points);
    let Some(first_point) = points().next() else {
        return;
    };
    let figure = first_point.figure;
    let values = points().flat_map(Point::values);
    let ideals = points().filter_map(Point::ideal);
    let (Some(across), Some(up)) = (
        Axis::over(points().map(|point| point.x)),
        Axis::over(values.clone().chain(ideals)),
    ) else {
        return;
    };
    let unit = Common::of(values, figure.unit());
    let ticks: Vec<(f64, String)> = up
        .ticks()
        .into_iter()
        .map(|tick| (tick, unit.show(tick)))
        .collect();
    let widest = ticks.iter().map(|(_, label)| fit::width(label)).max();
    let first = widest.unwrap_or_default() + 1;
    let names = curves
        .runners
        .iter()
        .map(|(name, _)| fit::width(name))
        .max();
    let names = names.unwrap_or_default().clamp(IDEAL.len(), NAME);
    let last = COLUMNS - names - 2;
    page.title(&format!(
        "{}: {} by {}",
        curves.title,
        figure.name(),
        curves.axis.name()
    ));
    let (top, left) = (page.y(), Page::x(first));
    let x =
        |value: f64| left + (0.02 + 0.96 * across.place(value)) * (last - first) as f64 * LETTER;
    let y = |value: f64| top + (1.0 - up.place(value)) * HEIGHT;
    let mut shapes = format!(
        r#"<path class="axis" d="M{left:.1} {top:.1}v{HEIGHT:.1}h{:.1}"/>"#,
        (last - first) as f64 * LETTER
    );
    let mut ends: Vec<(f64, &str)> = Vec::new();
    for (name, points) in &curves.runners {
        shapes.push_str(&path(
            "line",
            points.iter().map(|point| (x(point.x), y(point.median))),
        ));
        for point in points {
            if let Some(interval) = point.interval {
                let bar = [interval.low, interval.high].map(|end| (x(point.x), y(end)));
                shapes.push_str(&path("line", bar));
            }
            shapes.push_str(&median(point.verdict, x(point.x), y(point.median)));
        }
        ends.extend(points.last().map(|point| (y(point.median), &**name)));
    }
    let longest = curves.runners.iter().map(|(_, points)| points);
    let longest = longest.max_by_key(|points| points.iter().filter_map(Point::ideal).count());
    let ideal = longest.into_iter().flatten();
    let ideal: Vec<_> = ideal
        .filter_map(|point| Some((x(point.x), y(point.ideal()?))))
        .collect();
    ends.extend(ideal.last().map(|(_, y)| (*y, IDEAL)));
    shapes.push_str(&path("dashed", ideal));
    page.shapes(&shapes);
    let mut at = 0.0;
    let mut down_to = |page: &mut Page, y: f64| {
        page.down(y - at);
        at = y;
    };
    for (tick, label) in &ticks {
        down_to(page, y(*tick) - top - LABEL / 2.0 + 1.0);
        page.letters("faint", first - 1 - fit::width(label), label);
    }
    ends.sort_by(|a, b| f64::total_cmp(&a.0, &b.0));
    let mut free = f64::NEG_INFINITY;
    for (y, name) in ends {
        // Names of curves that end together stand below one another.
        free = (y - top - LABEL / 2.0).max(free + LABEL);
        down_to(page, free);
        page.open(name);
        page.letters("", last + 2, fit::fitted(name, names, false).trim_end());
        page.close();
    }
    down_to(page, HEIGHT.max(free + LABEL - 6.0) + 6.0);
    let mut xs: Vec<f64> = points().map(|point| point.x).collect();
    xs.sort_by(f64::total_cmp);
    xs.dedup();
    for value in xs {
        let label = format!("{value:.0}");
        let place = ((x(value) - Page::x(0)) / LETTER) as usize;
        page.letters(
            "faint",
            place.saturating_sub(fit::width(&label) / 2),
            &label,
        );
    }
    page.down(1.5 * MARGIN);
}
