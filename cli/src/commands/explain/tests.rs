//! The lessons are told in full, lead on, and fit the terminal.

use super::*;
use pollmark_core::Kind;

fn exists(cell: &str) -> bool {
    let path = cell.split([' ', ',', ':', '.']).next().unwrap_or_default();
    let (scenario, variant) = path.split_once('/').unwrap_or((path, ""));
    about(scenario, (!variant.is_empty()).then_some(variant)).is_ok()
}

#[test]
fn the_course_names_cells_that_exist() {
    for (cell, _) in COURSE.iter().flat_map(|chapter| chapter.lessons) {
        assert!(exists(cell), "{cell}");
    }
    for lesson in compile_lessons::all() {
        assert!(compile_lesson(lesson.id).is_ok(), "{}", lesson.id);
    }
}

/// The faults of a scenario's teaching text, each with the file's name.
fn faults(listing: &Listing) -> Vec<String> {
    let file = format!("{}.md", listing.info.id.replace('-', "_"));
    let lessons = match listing.lessons() {
        Ok(lessons) => lessons,
        Err(error) => return vec![format!("{file}: {error}")],
    };
    let mut faults = Vec::new();
    for variant in &listing.variants {
        let told = lessons.iter().find(|(id, _)| *id == variant.id);
        let lesson = told.map(|(_, lesson)| lesson.clone()).unwrap_or_default();
        // An experiment may do without a prediction and a mistake.
        let sections = match listing.info.kind {
            Kind::Lesson => &["Predict", "On each runner", "Common mistake", "Next"][..],
            Kind::Experiment => &["On each runner", "Next"],
            Kind::Benchmark => continue,
        };
        let texts = [
            ("Predict", &lesson.predict),
            ("On each runner", &lesson.runners),
            ("Common mistake", &lesson.mistake),
            ("Next", &lesson.next),
        ];
        for (section, text) in texts {
            if text.is_empty() && sections.contains(&section) {
                faults.push(format!("{file}: `{}` has no `{section}`", variant.id));
            }
        }
        if !lesson.next.is_empty() && !exists(&lesson.next) {
            faults.push(format!("{file}: `{}` leads to {}", variant.id, lesson.next));
        }
    }
    faults
}

#[test]
fn every_lesson_and_experiment_is_told_in_full_and_leads_to_one_that_exists() {
    for listing in builtin() {
        assert_eq!(faults(&listing), [""; 0]);
        for variant in &listing.variants {
            assert!(
                listing.info.kind == Kind::Benchmark || !variant.program.is_empty(),
                "{}/{} has no program",
                listing.info.id,
                variant.id
            );
        }
    }
}

#[test]
fn a_fault_in_a_text_is_told_with_the_file() {
    let catalogue = builtin();
    let listing = |id| catalogue.iter().find(|listing| listing.info.id == id);
    let (cafe, visitors) = (listing("cafe").unwrap(), listing("visitors").unwrap());
    let (sync, next) = ("## sync\n", "### Next\n\ncafe/sequential");
    for (listing, text, changed, fault) in [
        (
            cafe,
            sync,
            "",
            "cafe.md: line 7: unknown heading `### Predict`",
        ),
        (
            cafe,
            "## concurrent\n",
            "## sync\n",
            "the heading `## sync` is given twice",
        ),
        (
            cafe,
            sync,
            "## synch\n",
            "cafe.md: line 6: the scenario has no variant `synch`",
        ),
        (
            cafe,
            "### Predict\n",
            "### Predikt\n",
            "unknown heading `### Predikt`",
        ),
        (
            cafe,
            "### Predict\n",
            "### Next\n",
            "cafe.md: line 21: the heading `### Next`",
        ),
        (
            cafe,
            next,
            "### Next\n\n### Next",
            "nothing stands below the heading `### Next`",
        ),
        (
            cafe,
            next,
            "cafe/sequential",
            "cafe.md: `sync` has no `Next`",
        ),
        (
            cafe,
            next,
            "### Next\n\nnowhere",
            "cafe.md: `sync` leads to nowhere",
        ),
        (
            visitors,
            "### On each runner\n",
            "",
            "visitors.md: `at-once` has no",
        ),
    ] {
        assert!(listing.info.prose.contains(text), "{text}");
        let mut listing = listing.clone();
        let prose = listing.info.prose.replacen(text, changed, 1);
        listing.info.prose = Box::leak(prose.into_boxed_str());
        let faults = faults(&listing);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains(fault), "{faults:?}");
    }
    let mut empty = cafe.clone();
    empty.info.prose = "";
    assert_eq!(faults(&empty).len(), 16);
}

#[test]
fn no_line_of_a_lesson_is_wider_than_a_terminal() {
    for listing in builtin() {
        let overview = overview(&listing);
        let lessons = listing
            .variants
            .iter()
            .map(|variant| lesson(&listing, variant));
        for text in lessons.chain([overview, course()]) {
            let text = anstream::adapter::strip_str(&text).to_string();
            for line in text.lines().filter(|line| !line.starts_with("    ")) {
                assert!(line.chars().count() <= 80, "{}: {line}", listing.info.id);
            }
        }
    }
}
