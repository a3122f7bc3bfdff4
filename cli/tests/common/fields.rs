//! The types of the JSON fields.

use serde_json::Value;

/// The values that a field may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Holds {
    Text,
    Number,
    List,
    Map,
    TextOrNull,
    NumberOrNull,
    /// Measured, and therefore above 0; or null.
    AmountOrNull,
}

impl Holds {
    pub(crate) fn admits(self, value: &Value) -> bool {
        match self {
            Holds::Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Holds::Number => value.is_number(),
            Holds::List => value.is_array(),
            Holds::Map => value.is_object(),
            Holds::TextOrNull => value.is_null() || Holds::Text.admits(value),
            Holds::NumberOrNull => value.is_null() || value.is_number(),
            Holds::AmountOrNull => value.is_null() || value.as_u64().is_some_and(|n| n > 0),
        }
    }
}

#[track_caller]
pub(crate) fn has_fields(what: &str, value: &Value, fields: &[(&str, Holds)]) {
    for (field, holds) in fields {
        let found = value
            .get(field)
            .unwrap_or_else(|| panic!("{what} has no `{field}`"));
        assert!(
            holds.admits(found),
            "`{field}` of {what} is {found}, expected {holds:?}"
        );
    }
}
