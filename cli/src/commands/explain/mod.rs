//! `pollmark explain`: each lesson in words, and the course that the lessons form.

mod compile_lessons;
mod course;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use anyhow::Result;
use pollmark_core::{Expected, Listing, ScenarioInfo, VariantInfo, builtin};

use self::course::{COURSE, WORDS};
use crate::args::ExplainArgs;
use crate::model::program_text;
use crate::output::sink::Output;
use crate::text::styles::{BOLD, DIM};
use crate::text::suggest::unknown;
use crate::text::wrap::{titled, wrapped};

pub(crate) fn explain(args: &ExplainArgs) -> Result<()> {
    let text = match args.lesson.as_deref() {
        None => course(),
        Some("compiler") => compiler(),
        Some(path) => {
            let (scenario, variant) = match path.split_once('/') {
                Some((scenario, variant)) => (scenario, Some(variant)),
                None => (path, None),
            };
            match (scenario, variant) {
                ("compiler", Some(id)) => compile_lesson(id)?,
                _ => about(scenario, variant)?,
            }
        }
    };
    Output::stdout().write(text.as_bytes())
}

/// The lessons in the recommended order.
fn course() -> String {
    let mut text =
        format!("{BOLD}A course, from the first wait to structured concurrency{BOLD:#}\n\n");
    text.push_str(&wrapped(
        "Read a lesson with `pollmark explain LESSON`, guess the order and the time, then run it. \
         `pollmark run LESSON --predict` asks you for both and compares.",
        "",
        "",
    ));
    let _ = writeln!(text, "\n{BOLD}The words{BOLD:#}");
    for (word, meaning) in WORDS {
        text.push_str(&wrapped(&format!("{word}: {meaning}"), "  ", "    "));
    }
    for chapter in COURSE {
        let _ = writeln!(text, "\n{BOLD}{}{BOLD:#}", chapter.title);
        for (cell, why) in chapter.lessons {
            text.push_str(&wrapped(why, "  ", "  "));
            let _ = writeln!(text, "    {DIM}pollmark run {cell}{DIM:#}");
        }
    }
    let _ = writeln!(text, "\n{BOLD}What the compiler teaches{BOLD:#}");
    text.push_str(&wrapped(
        "Mistakes that do not compile, and what Rust says to each.",
        "  ",
        "  ",
    ));
    let _ = writeln!(text, "    {DIM}pollmark explain compiler{DIM:#}");
    let _ = writeln!(text, "\n{BOLD}Where the runtimes differ{BOLD:#}");
    text.push_str(&wrapped(
        "What a program meets that moves from one runtime to another, measured on the spot: \
         dropped handles, panics, cancels, shutdowns, timers.",
        "  ",
        "  ",
    ));
    let _ = writeln!(text, "    {DIM}pollmark semantics{DIM:#}");
    text
}

fn about(scenario: &str, variant: Option<&str>) -> Result<String> {
    let catalogue = builtin();
    let listing = catalogue.iter().find(|listing| listing.info.id == scenario);
    let listing = listing.ok_or_else(|| {
        let ids = catalogue.iter().map(|listing| listing.info.id);
        unknown("lesson", scenario, ids.chain(["compiler"]))
    })?;
    let Some(id) = variant else {
        return Ok(overview(listing));
    };
    let variant = listing.variants.iter().find(|variant| variant.id == id);
    let variant = variant.ok_or_else(|| {
        let what = format!("variant of `{scenario}`");
        unknown(&what, id, listing.variants.iter().map(|variant| variant.id))
    })?;
    Ok(lesson(listing, variant))
}

/// The mistakes that the compiler finds.
fn compiler() -> String {
    let mut text =
        format!("{BOLD}compiler{BOLD:#}  mistakes that do not compile, and what Rust says\n\n");
    for lesson in compile_lessons::all() {
        let _ = writeln!(
            text,
            "{BOLD}compiler/{}{BOLD:#}  {}",
            lesson.id, lesson.title
        );
    }
    let _ = writeln!(
        text,
        "\nOne of them in full: pollmark explain compiler/{}",
        compile_lessons::all()[0].id
    );
    text
}

fn compile_lesson(id: &str) -> Result<String> {
    let lessons = compile_lessons::all();
    let lesson = lessons.iter().find(|lesson| lesson.id == id);
    let lesson = lesson.ok_or_else(|| {
        unknown(
            "lesson of `compiler`",
            id,
            lessons.iter().map(|lesson| lesson.id),
        )
    })?;
    let mut text = format!("{BOLD}compiler/{}{BOLD:#}  {}\n", lesson.id, lesson.title);
    let mut section = |title: &str, body: &str| {
        let _ = writeln!(text, "\n{BOLD}{title}{BOLD:#}\n");
        for line in body.trim_end().lines() {
            let _ = writeln!(text, "{}", format!("    {line}").trim_end());
        }
    };
    section("The program", lesson.source);
    section("What the compiler says", lesson.message);
    section("What was meant", lesson.mended);
    if let Some(silenced) = lesson.silenced {
        section("What compiles and is still wrong", silenced);
    }
    let _ = write!(
        text,
        "\n{BOLD}In plain words{BOLD:#}\n{}",
        wrapped(lesson.meaning, "  ", "  ")
    );
    Ok(text)
}

fn origin(info: &ScenarioInfo) -> String {
    let source = wrapped(&format!("from {}", info.source), "", "  ");
    format!("{DIM}{}{DIM:#}\n", source.trim_end())
}

/// A scenario, and the lesson of each of its variants.
fn overview(listing: &Listing) -> String {
    let info = &listing.info;
    let mut text = titled(info.id, info.summary);
    text.push_str(&origin(info));
    for variant in &listing.variants {
        let cell = format!("{}/{}", info.id, variant.id);
        let _ = write!(text, "\n{}", titled(&cell, variant.summary));
        text.push_str(&wrapped(variant.shows, "  ", "  "));
    }
    for param in info.params {
        let line = format!(
            "--param {}={}: {}, from {} to {}",
            param.name, param.default, param.help, param.min, param.max
        );
        text.push('\n');
        text.push_str(&wrapped(&line, "", "  "));
    }
    let _ = writeln!(
        text,
        "\nOne of them in full: pollmark explain {}/{}",
        info.id, listing.variants[0].id
    );
    text
}

fn lesson(listing: &Listing, variant: &VariantInfo) -> String {
    let (info, lesson) = (&listing.info, listing.lesson(variant.id));
    let cell = format!("{}/{}", info.id, variant.id);
    let mut text = titled(&cell, variant.summary);
    text.push_str(&origin(info));
    text.push('\n');
    for line in program_text::of(listing, variant).lines() {
        let _ = writeln!(text, "{}", format!("    {line}").trim_end());
    }
    let mut section = |title: &str, body: &str| {
        if !body.is_empty() {
            let _ = write!(
                text,
                "\n{BOLD}{title}{BOLD:#}\n{}",
                wrapped(body, "  ", "  ")
            );
        }
    };
    section("Before you run it", &lesson.predict);
    let end = match variant.expected {
        Expected::Ends => "",
        Expected::NeverEnds => {
            " It never ends, and is stopped when it has been watched long enough."
        }
        Expected::Fails => " It ends with an error, as it is meant to.",
    };
    section("What it shows", &format!("{}{end}", variant.shows));
    section("On each runner", &lesson.runners);
    if let Some(took) = variant.asyncio {
        section(
            "In asyncio",
            &format!("Python 3.11 took {took:.2} s for the same program on its one event loop."),
        );
    }
    section("The common mistake", &lesson.mistake);
    section("Try next", &lesson.next);
    let _ = writeln!(text, "\nRun it: {BOLD}pollmark run {cell}{BOLD:#}");
    text
}
