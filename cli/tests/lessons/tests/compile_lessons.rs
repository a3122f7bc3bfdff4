//! The lessons that the compiler teaches: each mistake is refused in the words that
//! `pollmark explain` quotes, and each mended program compiles and does as it should.
//!
//! The messages are those of the toolchain that runs this test. After an update of the
//! toolchain, or of smol, write them anew and read the changes:
//!
//! ```text
//! TRYBUILD=overwrite cargo test -p pollmark-lessons
//! ```

/// Packages leave out folders that hold a crate, so the lessons stand beside the sources of
/// `pollmark`. The compiler's messages name paths from this crate on: so they are linked.
#[test]
fn every_lesson_is_linked() {
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for lesson in std::fs::read_dir(own.join("../../lessons")).unwrap() {
        let name = lesson.unwrap().file_name();
        assert!(own.join(&name).join("mistake.rs").is_file(), "{name:?}");
    }
}

#[test]
fn mistakes_do_not_compile() {
    // Mistakes only: a case that should pass would build every dependency once more, although
    // checking them is enough.
    trybuild::TestCases::new().compile_fail("*/mistake.rs");
}

/// Runs programs that compile; each is a test with the name of its module.
macro_rules! programs {
    ($($(#[$attribute:meta])* $name:ident: $file:literal),+ $(,)?) => {
        $(
            $(#[$attribute])*
            mod $name {
                include!(concat!("../", $file));

                #[test]
                fn compiles_and_does_what_it_should() {
                    main();
                }
            }
        )+
    };
}

programs! {
    await_in_plain_fn: "await_in_plain_fn/mended.rs",
    await_no_future: "await_no_future/mended.rs",
    forgotten_future: "forgotten_future/mended.rs",
    async_main: "async_main/mended.rs",
    borrowed_by_task: "borrowed_by_task/mended.rs",
    not_send: "not_send/mended.rs",
    dropped_task: "dropped_task/mended.rs",
}

// Mistakes that the compiler can be made to accept, and their effects.
programs! {
    #[expect(clippy::let_underscore_future, reason = "clippy finds what the compiler lets pass")]
    forgotten_future_silenced: "forgotten_future/silenced.rs",
    #[expect(clippy::let_underscore_future, reason = "clippy finds what the compiler lets pass")]
    dropped_task_silenced: "dropped_task/silenced.rs",
}
