//! `pollmark list`: what there is to run.

use std::fmt::Write as _;

use anyhow::Result;
use pollmark_core::{Expected, Listing, Workers, catalogue};
use serde_json::{Value, json};

use crate::args::{ListArgs, ListFormat};
use crate::flavours;
use crate::output::Output;
use crate::report::SCHEMA;

pub(crate) fn list(args: &ListArgs) -> Result<()> {
    let text = match args.format {
        ListFormat::Human => human(),
        ListFormat::Json => format!("{:#}\n", json()),
    };
    Output::stdout().write(text.as_bytes())
}

fn human() -> String {
    let bold = anstyle::Style::new().bold();
    let mut text = String::new();
    for Listing { info, variants } in catalogue() {
        let _ = writeln!(text, "{bold}{}{bold:#}  {}", info.id, info.summary);
        for variant in variants {
            let end = match variant.expected {
                Expected::Ends => "",
                Expected::NeverEnds => " (never ends)",
                Expected::Fails => " (fails)",
            };
            let _ = writeln!(text, "  {:<20} {}{end}", variant.id, variant.summary);
        }
        for param in info.params {
            let _ = writeln!(
                text,
                "  --param {}={}  {} ({} to {})",
                param.name, param.default, param.help, param.min, param.max
            );
        }
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "{bold}runners{bold:#}  `--runner all` is all but virtual"
    );
    for flavour in flavours::all() {
        let info = flavour.info();
        let _ = writeln!(text, "  {:<20} {}", info.id, info.summary);
    }
    text
}

fn json() -> Value {
    let scenarios = catalogue().into_iter().map(|listing| {
        json!({
            "id": listing.info.id,
            "kind": listing.info.kind,
            "summary": listing.info.summary,
            "variants": listing.variants,
            "params": listing.info.params,
        })
    });
    let runners = flavours::all().map(|flavour| {
        let info = flavour.info();
        json!({
            "id": info.id,
            "summary": info.summary,
            "workers": info.workers == Workers::Any,
        })
    });
    json!({
        "schema": SCHEMA,
        "scenarios": scenarios.collect::<Vec<_>>(),
        "runners": runners.collect::<Vec<_>>(),
    })
}
