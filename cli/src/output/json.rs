//! Results as JSON.

use crate::model::result::Results;

/// Everything, as JSON.
pub(crate) fn json(results: &Results) -> String {
    let text = serde_json::to_string_pretty(results);
    // Strings, numbers and maps with string keys always serialise.
    text.unwrap_or_default() + "\n"
}
