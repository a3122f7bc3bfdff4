//! "Did you mean": suggests the nearest valid choice.

use super::escape::brief_name;

/// How similar two names must be, from 0 to 1, for one to be suggested for the other.
const ALIKE: f64 = 0.7;

/// The bytes from which on a name is like no choice.
const LONG: usize = 200;

/// `unknown WHAT `given`; did you mean `x`?`, or lists the choices if none is near.
pub(crate) fn unknown<'a>(
    what: &str,
    given: &str,
    choices: impl IntoIterator<Item = &'a str>,
) -> anyhow::Error {
    let choices: Vec<&str> = choices.into_iter().collect();
    let all = choices.join(", ");
    let near = nearest(given, &choices);
    let given = brief_name(given);
    match near {
        Some(choice) => {
            anyhow::anyhow!("unknown {what} `{given}`; did you mean `{choice}`? There is {all}")
        }
        None => anyhow::anyhow!("unknown {what} `{given}`; there is {all}"),
    }
}

fn nearest<'a>(given: &str, choices: &[&'a str]) -> Option<&'a str> {
    // The comparison takes time by its length, and no choice is like it.
    if given.len() > LONG {
        return None;
    }
    // A single slip counts even if the name is too short to look similar.
    let alike = |choice: &&'a str| match strsim::damerau_levenshtein(given, choice) {
        0 | 1 => 1.0,
        _ => strsim::jaro_winkler(given, choice),
    };
    let scored = choices.iter().map(|choice| (alike(choice), *choice));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_suggested_and_a_far_one_is_not() {
        let choices = ["tokio", "smol", "threads"];
        let near = unknown("runner", "tokyo", choices).to_string();
        assert!(near.contains("did you mean `tokio`?"), "{near}");
        let swapped = unknown("scenario", "hgo", ["hello", "hog"]).to_string();
        assert!(swapped.contains("did you mean `hog`?"), "{swapped}");
        let far = unknown("runner", "xyz", choices).to_string();
        assert_eq!(far, "unknown runner `xyz`; there is tokio, smol, threads");
    }
}
