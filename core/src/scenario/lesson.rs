//! The teaching text of a scenario: the Markdown file beside its program.

use crate::scenario::Listing;

/// The teaching text of a variant. A section that the file does not have is empty.
///
/// The file has a title, and a heading for each variant and each section of its lesson:
///
/// ```md
/// # The café
///
/// A sentence about the scenario, for a reader of the file.
///
/// ## concurrent
///
/// ### Predict
///
/// Both orders are taken before the first is awaited. How long for two? For 1000?
///
/// ### Next
///
/// cafe/concurrent --param customers=1000, then the same on threads.
/// ```
///
/// The lines of a paragraph are read as one line; an empty line ends a paragraph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lesson {
    /// `Predict`: the question to think about before running it.
    pub predict: String,
    /// `On each runner`: the behaviour to expect of each runner, and the reason.
    pub runners: String,
    /// `Common mistake`: the mistake that the variant warns of.
    pub mistake: String,
    /// `Next`: the next thing to try, beginning with a command's cell.
    pub next: String,
}

/// The sections' headings, in their order.
const SECTIONS: &str = "Predict, On each runner, Common mistake, Next";

impl Lesson {
    /// The section below the heading `### HEADING`.
    fn section(&mut self, heading: &str) -> Option<&mut String> {
        match heading {
            "Predict" => Some(&mut self.predict),
            "On each runner" => Some(&mut self.runners),
            "Common mistake" => Some(&mut self.mistake),
            "Next" => Some(&mut self.next),
            _ => None,
        }
    }
}

/// The reason why a scenario's teaching text cannot be read, and the line at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct LessonError {
    /// The line, counted from 1.
    pub line: usize,
    /// The fault in this line.
    pub fault: LessonFault,
}

/// A fault in a scenario's teaching text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LessonFault {
    /// The first line is no title.
    #[error("the text begins with a title, `# TITLE`")]
    NoTitle,
    /// A heading that is neither a variant's nor a section's.
    #[error("unknown heading `{0}`: the sections of a variant are {sections}", sections = SECTIONS)]
    UnknownHeading(String),
    /// A heading that names no variant of the scenario.
    #[error("the scenario has no variant `{0}`")]
    UnknownVariant(String),
    /// A heading that stands above in the same file, or in the same variant.
    #[error("the heading `{0}` is given twice")]
    Twice(String),
    /// A heading without text below it.
    #[error("nothing stands below the heading `{0}`")]
    Empty(String),
    /// Text between the heading of a variant and that of its first section.
    #[error("the text below `{0}` belongs to no section")]
    Astray(String),
}

impl Listing {
    /// The lesson of the variant `id`; empty if the scenario has no text for it.
    ///
    /// # Panics
    ///
    /// Panics if the scenario's text cannot be read; see [`lessons`](Self::lessons).
    pub fn lesson(&self, id: &str) -> Lesson {
        match self.lessons() {
            Ok(lessons) => lessons
                .into_iter()
                .find_map(|(variant, lesson)| (variant == id).then_some(lesson))
                .unwrap_or_default(),
            Err(error) => panic!("the teaching text of `{}`: {error}", self.info.id),
        }
    }

    /// The variants of which the scenario's text tells, in its order, and their lessons.
    ///
    /// # Errors
    ///
    /// [`LessonError`] if a heading is unknown, is given twice or has no text below it, or if text
    /// belongs to no section.
    pub fn lessons(&self) -> Result<Vec<(&'static str, Lesson)>, LessonError> {
        let is_variant = |id: &str| self.variants.iter().any(|variant| variant.id == id);
        parse(self.info.prose, is_variant)
    }
}

/// A heading and the text below it.
struct Block<'a> {
    line: usize,
    heading: &'a str,
    /// The text, each paragraph in one line.
    body: String,
}

fn parse(
    prose: &'static str,
    is_variant: impl Fn(&str) -> bool,
) -> Result<Vec<(&'static str, Lesson)>, LessonError> {
    let blocks = blocks(prose)?;
    let mut lessons = Vec::<(&str, Lesson)>::new();
    for (index, block) in blocks.iter().enumerate().skip(1) {
        let (heading, body) = (block.heading, &block.body);
        let refused = |fault: fn(String) -> LessonFault, name: &str| LessonError {
            line: block.line,
            fault: fault(name.to_owned()),
        };
        if let Some(id) = heading.strip_prefix("## ") {
            if !is_variant(id) {
                return Err(refused(LessonFault::UnknownVariant, id));
            }
            if lessons.iter().any(|(known, _)| *known == id) {
                return Err(refused(LessonFault::Twice, heading));
            }
            if !body.is_empty() {
                return Err(refused(LessonFault::Astray, heading));
            }
            let below = blocks.get(index + 1);
            if below.is_none_or(|below| !below.heading.starts_with("### ")) {
                return Err(refused(LessonFault::Empty, heading));
            }
            lessons.push((id, Lesson::default()));
            continue;
        }
        let lesson = lessons.last_mut().map(|(_, lesson)| lesson);
        let section = heading.strip_prefix("### ").zip(lesson);
        match section.and_then(|(name, lesson)| lesson.section(name)) {
            None => return Err(refused(LessonFault::UnknownHeading, heading)),
            Some(text) if !text.is_empty() => return Err(refused(LessonFault::Twice, heading)),
            Some(_) if body.is_empty() => return Err(refused(LessonFault::Empty, heading)),
            Some(text) => text.clone_from(body),
        }
    }
    Ok(lessons)
}

/// The headings of a text, of which the first is its title; none if the text is empty.
fn blocks(prose: &str) -> Result<Vec<Block<'_>>, LessonError> {
    let mut blocks = Vec::<Block<'_>>::new();
    let mut in_paragraph = false;
    for (line, text) in (1..).zip(prose.lines().map(str::trim)) {
        let continues = std::mem::replace(&mut in_paragraph, !text.is_empty());
        if blocks.is_empty() && !text.starts_with("# ") {
            let fault = LessonFault::NoTitle;
            return Err(LessonError { line, fault });
        }
        if text.starts_with('#') {
            in_paragraph = false;
            blocks.push(Block {
                line,
                heading: text,
                body: String::new(),
            });
        } else if let (Some(block), false) = (blocks.last_mut(), text.is_empty()) {
            if !block.body.is_empty() {
                block.body.push_str(if continues { " " } else { "\n\n" });
            }
            block.body.push_str(text);
        }
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(prose: &'static str) -> Result<Vec<(&'static str, Lesson)>, LessonError> {
        parse(prose, |id| ["tasks", "blocking"].contains(&id))
    }

    #[test]
    fn paragraphs_are_unwrapped_and_code_stays_as_it_is() {
        let prose = "# Title\n\nOf the file.\n\n## tasks\n\n### Predict\n\nHow long does\n\
                     `cx.wait`\ntake?\n\n### Next\n\none/two\n\n## blocking\n\n\
                     ### On each runner\nThe first.\n\n\nThe\nsecond.\n\n\
                     ### Common mistake\n\nTo wait.";
        let tasks = Lesson {
            predict: "How long does `cx.wait` take?".to_owned(),
            next: "one/two".to_owned(),
            ..Lesson::default()
        };
        let blocking = Lesson {
            runners: "The first.\n\nThe second.".to_owned(),
            mistake: "To wait.".to_owned(),
            ..Lesson::default()
        };
        assert_eq!(
            read(prose),
            Ok(vec![("tasks", tasks), ("blocking", blocking)])
        );
        assert_eq!(read(""), Ok(Vec::new()));
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        let twice = |heading: &str| LessonFault::Twice(heading.to_owned());
        let unknown = |heading: &str| LessonFault::UnknownHeading(heading.to_owned());
        let empty = |heading: &str| LessonFault::Empty(heading.to_owned());
        for (prose, line, fault) in [
            ("## tasks\n", 1, LessonFault::NoTitle),
            (
                "# T\n## cooks",
                2,
                LessonFault::UnknownVariant("cooks".to_owned()),
            ),
            ("# T\n## tasks\n\n## blocking", 2, empty("## tasks")),
            (
                "# T\n## tasks\n### Next\n\n### Predict\nHow?",
                3,
                empty("### Next"),
            ),
            (
                "# T\n## tasks\n### Next\na/b\n### Next\na/c",
                5,
                twice("### Next"),
            ),
            (
                "# T\n## tasks\n### Next\na/b\n## tasks",
                5,
                twice("## tasks"),
            ),
            ("# T\n## tasks\n### Nxt\na/b", 3, unknown("### Nxt")),
            ("# T\n## tasks\n#### Next\na/b", 2, empty("## tasks")),
            ("# T\n### Next\na/b", 2, unknown("### Next")),
            ("# T\n# U", 2, unknown("# U")),
            (
                "# T\n## tasks\nText.",
                2,
                LessonFault::Astray("## tasks".to_owned()),
            ),
        ] {
            assert_eq!(read(prose), Err(LessonError { line, fault }), "{prose}");
        }
    }
}
