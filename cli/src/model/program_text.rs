//! Programs as they stand in the source.

use pollmark_core::{Listing, VariantInfo};

/// The functions that are a variant's program, in the order in which the variant
/// names them; empty if it names none.
pub(crate) fn of(listing: &Listing, variant: &VariantInfo) -> String {
    let functions = variant.program.iter();
    let sources = functions.filter_map(|name| function(listing.info.text, name));
    sources.collect::<Vec<_>>().join("\n")
}

/// The text of the top-level function `name`, without its docs: from the line that
/// declares it to the first line that closes at the margin, as rustfmt sets it.
pub(crate) fn function(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| !declares(line, name));
    let mut function = String::new();
    for line in &mut lines {
        function.push_str(line);
        function.push('\n');
        if line == "}" {
            return Some(function);
        }
    }
    None
}

fn declares(line: &str, name: &str) -> bool {
    let mut words = line
        .split(' ')
        .skip_while(|word| matches!(*word, "pub" | "pub(super)" | "async" | "const"));
    if line.starts_with(' ') || words.next() != Some("fn") {
        return false;
    }
    let declared = words.next().unwrap_or_default();
    let declared = declared.split(['<', '(']).next();
    declared == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_by_its_whole_name_and_ends_where_it_closes() {
        let text = "fn ab() {}\n/// Doc.\nasync fn a<R>(\n    r: R,\n) {\n    if r {\n    }\n}\nfn c() {\n}\n";
        let a = "async fn a<R>(\n    r: R,\n) {\n    if r {\n    }\n}\n";
        assert_eq!(function(text, "a").as_deref(), Some(a));
        assert_eq!(function(text, "b"), None);
    }

    #[test]
    fn every_program_that_a_variant_names_is_in_its_source() {
        for listing in pollmark_core::builtin() {
            for variant in &listing.variants {
                for name in variant.program {
                    let found = function(listing.info.text, name);
                    assert!(
                        found.is_some(),
                        "{}/{}: no fn {name}",
                        listing.info.id,
                        variant.id
                    );
                }
            }
        }
    }
}
