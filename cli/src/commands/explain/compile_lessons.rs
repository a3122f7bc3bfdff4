//! The lessons that the Rust compiler teaches, each with its message.
//!
//! The programs and messages are the files that the test of `pollmark-lessons` compiles and
//! compares, so every quoted message is the compiler's own.

/// A mistake that does not compile.
#[derive(Debug)]
pub(crate) struct CompileLesson {
    /// The name on the command line.
    pub(crate) id: &'static str,
    /// The mistake in a few words.
    pub(crate) title: &'static str,
    /// The program that does not compile.
    pub(crate) source: &'static str,
    /// The compiler's message about it.
    pub(crate) message: &'static str,
    /// The program that does as intended.
    pub(crate) mended: &'static str,
    /// A program that compiles and is still wrong, if there is one.
    pub(crate) silenced: Option<&'static str>,
    /// The message in plain words, and the remedy.
    pub(crate) meaning: &'static str,
}

/// All of these lessons, in the recommended order.
pub(crate) fn all() -> &'static [CompileLesson] {
    LESSONS
}

macro_rules! program {
    ($directory:literal, $file:literal) => {
        include_str!(concat!("../../../lessons/", $directory, "/", $file))
    };
}

macro_rules! lesson {
    ($id:literal in $directory:literal, $title:literal, silenced: $silenced:expr, $meaning:literal) => {
        CompileLesson {
            id: $id,
            title: $title,
            source: program!($directory, "mistake.rs"),
            message: program!($directory, "mistake.stderr"),
            mended: program!($directory, "mended.rs"),
            silenced: $silenced,
            meaning: $meaning,
        }
    };
}

const LESSONS: &[CompileLesson] = &[
    lesson!(
        "await-in-plain-fn" in "await_in_plain_fn",
        "`.await` in a function that is not async",
        silenced: None,
        "An await may suspend the function that it stands in, and only an async function can be \
         suspended: it is compiled to a future, a value that keeps its place. Make the caller \
         async too, up to the place where a runtime takes over: `block_on` in main, or a spawn."
    ),
    lesson!(
        "async-main" in "async_main",
        "an async main without a runtime",
        silenced: None,
        "An async main would return a future, and nobody would poll it: Rust has no runtime of \
         its own. Start a runtime in a plain main and hand it the future. What looks \
         like an async main under `#[tokio::main]` is such a plain main, written by a macro."
    ),
    lesson!(
        "await-no-future" in "await_no_future",
        "awaiting a call that blocks",
        silenced: None,
        "A plain function has done its work when it returns: there is nothing left to await, and \
         the thread was blocked meanwhile. The compiler's advice, to remove the `.await`, \
         compiles and blocks the worker. Use the runtime's own sleep, or send the blocking call \
         to the blocking pool: see waiter/blocking-tasks and waiter/offloaded."
    ),
    lesson!(
        "forgotten-future" in "forgotten_future",
        "a future that is made and forgotten",
        silenced: Some(program!("forgotten_future", "silenced.rs")),
        "Calling an async function runs nothing: it makes a future, which is dropped here \
         unpolled. Await it, or spawn it. By default this is only a warning. With `let _ =` the \
         warning is gone and still nothing is cooked; clippy's `let_underscore_future` finds that \
         too. See waiter/missing-await."
    ),
    lesson!(
        "borrowed-by-task" in "borrowed_by_task",
        "a task that borrows from the function that spawns it",
        silenced: None,
        "A spawned task may outlive the function that spawned it, so it must own what it uses, \
         also where it is awaited in the next line: the function's own future may be dropped \
         before. Move the value into the task with `async move`; where several tasks need it, \
         give each a clone of an `Arc`."
    ),
    lesson!(
        "not-send" in "not_send",
        "a task that holds what must stay on its thread",
        silenced: None,
        "A task may be polled by one worker thread now and by another later, so all that it holds \
         must be `Send`. An `Rc` is not: two threads could miscount its owners. An `Arc` counts \
         atomically, and is. The alternative is a spawn that stays on its thread, such as \
         `spawn_local` of tokio or smol's `LocalExecutor`."
    ),
    lesson!(
        "dropped-task" in "dropped_task",
        "a smol task whose handle is dropped",
        silenced: Some(program!("dropped_task", "silenced.rs")),
        "In smol, dropping the handle of a task cancels it; in tokio and async-std it lets the \
         task go on unobserved. Keep the handle and await it, or call `detach`. The compiler's \
         advice, `let _ =`, drops the handle at once: it compiles, and the dish is never cooked. \
         In pollmark's own contract a dropped handle detaches on every runtime."
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_lesson_has_an_id_of_its_own_and_the_error_that_it_is_about() {
        let errors = [
            ("await-in-plain-fn", "error[E0728]"),
            ("async-main", "error[E0752]"),
            ("await-no-future", "error[E0277]"),
            ("forgotten-future", "error: unused implementer of `Future`"),
            ("borrowed-by-task", "error[E0373]"),
            ("not-send", "error: future cannot be sent between threads"),
            ("dropped-task", "error: unused `Task`"),
        ];
        let ids: HashSet<_> = all().iter().map(|lesson| lesson.id).collect();
        assert_eq!(ids.len(), all().len());
        assert_eq!(ids.len(), errors.len());
        for (lesson, (id, error)) in all().iter().zip(errors) {
            assert_eq!(lesson.id, id);
            assert!(lesson.message.starts_with(error), "{}", lesson.message);
        }
    }

    #[test]
    fn the_message_is_about_the_program_beside_it() {
        for lesson in all() {
            // Each line that the compiler quotes occurs in the program.
            let quoted = lesson.message.lines().filter_map(|line| {
                let (number, code) = line.split_once(" | ")?;
                Some((number.trim().parse::<usize>().ok()?, code))
            });
            let mut quotes = 0;
            for (number, code) in quoted {
                let line = lesson.source.lines().nth(number - 1).unwrap_or_default();
                // A proposed replacement is quoted too, and is longer.
                let is_quote = code.ends_with(line.trim());
                quotes += usize::from(is_quote && !line.is_empty());
            }
            assert!(quotes > 0, "{}: nothing of it is quoted", lesson.id);
            assert_ne!(lesson.source, lesson.mended);
        }
    }

    #[test]
    fn no_line_of_a_program_is_wider_than_a_terminal() {
        for lesson in all() {
            let programs = [Some(lesson.source), Some(lesson.mended), lesson.silenced];
            for line in programs.into_iter().flatten().flat_map(str::lines) {
                assert!(line.chars().count() <= 76, "{}: {line}", lesson.id);
            }
        }
    }
}
