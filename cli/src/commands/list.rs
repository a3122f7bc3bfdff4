//! `pollmark list`: everything there is to run.

use std::fmt::Write as _;

use anyhow::Result;
use pollmark_core::{Expected, Kind, Listing, Measure, SettingKind, Unit, Workers, builtin};
use serde_json::{Value, json};

use crate::args::{HumanOrJson, ListArgs};
use crate::model::column;
use crate::model::metric;
use crate::model::result::SCHEMA;
use crate::model::runners;
use crate::output::sink::Output;
use crate::text::lists::{self, distinct};
use crate::text::styles::{BOLD, DIM};
use crate::text::suggest::unknown;
use crate::text::wrap;

pub(crate) fn list(args: &ListArgs) -> Result<()> {
    let mut listings = builtin();
    if let Some(wanted) = &args.scenario {
        let ids = listings.iter().map(|listing| listing.info.id);
        let ids: Vec<&str> = ids.chain([RUNNERS]).collect();
        if !ids.contains(&wanted.as_str()) {
            return Err(unknown("scenario", wanted, ids));
        }
        listings.retain(|listing| listing.info.id == wanted);
    }
    let text = match args.format {
        HumanOrJson::Human => match (&args.scenario, &listings[..]) {
            (Some(_), [listing]) => alone(listing),
            (Some(_), _) => runners_in_full(),
            _ => human(&listings),
        },
        HumanOrJson::Json => format!("{:#}\n", json(&listings)),
    };
    Output::stdout().write(text.as_bytes())
}

/// In the place of a scenario: the runners, with their settings.
const RUNNERS: &str = "runners";

/// The kinds of scenarios, and the purpose of each.
const KINDS: [(Kind, &str, &str); 3] = [
    (
        Kind::Lesson,
        "Lessons",
        "small programs whose order and time are known; `pollmark run` shows them, and `pollmark \
         explain` says what they teach",
    ),
    (
        Kind::Experiment,
        "Experiments",
        "what tutorials claim of concurrency, put to the test; for `pollmark compare`",
    ),
    (
        Kind::Benchmark,
        "Benchmarks",
        "what people measure of runtimes today; for `pollmark compare`",
    ),
];

/// The note on figures of a scenario's own, and on those that every scenario has.
fn figures_note() -> String {
    let names: Vec<&str> = metric::names().collect();
    let note = format!(
        "A `--figure` is what `pollmark compare` can compare by, beside {}, which every scenario \
         has.",
        lists::joined(&names, "and")
    );
    wrap::wrapped(&note, "", "")
}

fn human(listings: &[Listing]) -> String {
    let mut text = String::new();
    for (kind, title, purpose) in KINDS {
        text.push_str(&heading(title, purpose));
        for listing in listings.iter().filter(|listing| listing.info.kind == kind) {
            text.push_str(&wrap::titled(listing.info.id, listing.info.summary));
            text.push_str(&contents(listing));
            text.push('\n');
        }
    }
    text.push_str(&runners_heading());
    let runners = runners::all().map(|flavour| {
        let info = flavour.info();
        (info.id.to_owned(), info.summary.to_owned())
    });
    text.push_str(&wrap::entries(&runners.collect::<Vec<_>>(), "  "));
    let _ = write!(text, "\n{}", figures_note());
    text
}

fn runners_heading() -> String {
    let named = runners::all().filter(|flavour| !flavour.info().in_all);
    let named: Vec<&str> = named.map(|flavour| flavour.info().id).collect();
    let purpose = format!(
        "what a scenario runs on; `--runner all` is all but {}. `pollmark list runners` has their \
         settings",
        lists::joined(&named, "and")
    );
    heading("Runners", &purpose)
}

/// Each runner with the settings that it takes, what each needs and what it is if it is not set.
fn runners_in_full() -> String {
    let mut text = heading(
        "Runners",
        "their settings, to be named with them: `--runner tokio+event-interval=31`",
    );
    for info in runners::all().map(|flavour| flavour.info()) {
        let named = if info.in_all { "" } else { "; not among `all`" };
        text.push_str(&wrap::titled(info.id, &format!("{}{named}", info.summary)));
        let settings = info.settings.iter().map(|setting| {
            let value = match setting.kind {
                SettingKind::Count { .. } => "=N",
                SettingKind::Duration => "=DURATION",
                SettingKind::Switch => "",
            };
            let about = format!("{} (default: {})", setting.meaning, setting.default);
            let lacks = if setting.available {
                ""
            } else {
                "; not in this binary"
            };
            let about = about + lacks;
            (format!("+{}{value}", setting.name), about)
        });
        text.push_str(&wrap::entries(&settings.collect::<Vec<_>>(), "  "));
        text.push('\n');
    }
    let settings = runners::all().flat_map(|flavour| flavour.info().settings);
    let lacking = settings.filter(|setting| !setting.available);
    let needs = lacking.filter_map(|setting| setting.needs);
    for line in distinct(needs.map(column::build_line)) {
        let told = format!("Settings that are not in this binary are in one that `{line}` makes.");
        text.push_str(&wrap::wrapped(&told, "", ""));
    }
    text
}

fn heading(title: &str, purpose: &str) -> String {
    let text = wrap::labelled(BOLD, &title.to_uppercase(), purpose, "");
    format!("{text}\n")
}

/// One scenario, and its origin.
fn alone(listing: &Listing) -> String {
    let info = listing.info;
    let mut text = wrap::titled(info.id, info.summary);
    let source = wrap::wrapped(&format!("from {}", info.source), "  ", "    ");
    let _ = write!(text, "{DIM}{source}{DIM:#}");
    text.push_str(&contents(listing));
    if listing
        .variants
        .iter()
        .any(|variant| !variant.measures.is_empty())
    {
        let _ = write!(text, "\n{}", figures_note());
    }
    text
}

/// Variants, parameters and figures, in columns of their own.
fn contents(listing: &Listing) -> String {
    let variants = listing.variants.iter().map(|variant| {
        let end = match variant.expected {
            Expected::Ends => "",
            Expected::NeverEnds => " (never ends)",
            Expected::Fails => " (fails)",
        };
        (variant.id.to_owned(), format!("{}{}", variant.summary, end))
    });
    let params = listing.info.params.iter().map(|param| {
        let (name, default) = (param.name, param.default);
        (
            format!("--param {name}={}", unspaced(&default.to_string())),
            format!(
                "{} {}",
                param.help,
                joined(&format!("({} to {})", param.min, param.max))
            ),
        )
    });
    let mut text = wrap::entries(&variants.collect::<Vec<_>>(), "  ");
    let options: Vec<(String, String)> = params.chain(figures(listing)).collect();
    text.push_str(&wrap::entries(&options, "  "));
    text
}

/// `words` joined by no-break spaces, so that they stay on one line.
fn joined(words: &str) -> String {
    words.replace(' ', "\u{a0}")
}

/// `value` in the form that a shell takes as one word: `--param wait=1s`.
fn unspaced(value: &str) -> String {
    value.replace(' ', "")
}

/// The scenario's own figures, each with the variants that have it if not all do.
fn figures(listing: &Listing) -> Vec<(String, String)> {
    let mut measures: Vec<&Measure> = Vec::new();
    for measure in listing.variants.iter().flat_map(|variant| variant.measures) {
        if measures.iter().all(|known| known.name != measure.name) {
            measures.push(measure);
        }
    }
    let told = |measure: &&Measure| {
        let has = |measures: &[Measure]| measures.iter().any(|own| own.name == measure.name);
        let variants = listing.variants.iter();
        let of: Vec<&str> = variants
            .filter(|variant| has(variant.measures))
            .map(|variant| variant.id)
            .collect();
        let mut text = unit(measure.unit).to_owned();
        if !measure.ranked {
            text.push_str(", and less of it is not better");
        }
        if of.len() < listing.variants.len() {
            let _ = write!(text, " ({})", of.join(", "));
        }
        let name = match measure.name.contains(' ') {
            true => format!("--figure '{}'", measure.name),
            false => format!("--figure {}", measure.name),
        };
        (name, text)
    };
    measures.iter().map(told).collect()
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Nanoseconds => "a time",
        Unit::Bytes => "bytes",
        Unit::Count => "a number",
        Unit::Ratio => "a share",
    }
}

fn json(listings: &[Listing]) -> Value {
    let scenarios = listings.iter().map(|listing| {
        json!({
            "id": listing.info.id,
            "kind": listing.info.kind,
            "summary": listing.info.summary,
            "variants": listing.variants,
            "params": listing.info.params,
        })
    });
    let runners = runners::all().map(|flavour| {
        let info = flavour.info();
        json!({
            "id": info.id,
            "summary": info.summary,
            "workers": info.workers == Workers::Any,
            "in_all": info.in_all,
            "settings": info.settings,
        })
    });
    json!({
        "schema": SCHEMA,
        "scenarios": scenarios.collect::<Vec<_>>(),
        "runners": runners.collect::<Vec<_>>(),
    })
}
