//! From a body's fields to a type that describes them: names, kinds and which of them must be there
//! are those of the type's own fields.

use super::Fields;
use crate::app::cancellation::RequestedBy;
use crate::config::Locale;
use crate::http::params::not_one_of;
use crate::http::problem::Problem;
use crate::http::schema::words;
use avstem_domain::breaks::Resolution;
use avstem_domain::cancellation::RefundChoice;
use avstem_domain::time::Timestamp;
use chrono::NaiveDate;
use schemars::JsonSchema;

/// The body of a request. [`body`] implements it.
pub trait Body: JsonSchema + Sized {
    const FIELDS: &'static [&'static str];

    /// Takes every field, in their order; the first that cannot be is the one that is told.
    fn take(fields: &mut Fields) -> Result<Self, Problem>;
}

/// A value that a field can have. An [`Option`] may be left out.
pub trait Field: Sized {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem>;
}

/// Reads a body into a type with these fields: all that it has, or it does not compile.
macro_rules! body {
    ($body:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::http::body::Body for $body {
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn take(
                fields: &mut $crate::http::body::Fields,
            ) -> Result<Self, $crate::http::problem::Problem> {
                Ok(Self {
                    $($field: $crate::http::body::Field::take(fields, stringify!($field))?),+
                })
            }
        }
    };
}
pub(crate) use body;

impl Field for String {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem> {
        fields.required_text(name)
    }
}

impl Field for Option<String> {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem> {
        fields.text(name)
    }
}

impl Field for i64 {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem> {
        fields.required_integer(name)
    }
}

impl Field for Option<bool> {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem> {
        fields.flag(name)
    }
}

impl Field for Option<Timestamp> {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem> {
        fields.time(name)
    }
}

impl Field for Option<NaiveDate> {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem> {
        fields.day(name)
    }
}

impl Field for Resolution {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem> {
        let word = fields.required_text(name)?;
        Self::parse(&word).ok_or_else(|| not_one_of::<words::Resolution>(name))
    }
}

impl Field for RequestedBy {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem> {
        let word = fields.required_text(name)?;
        Self::parse(&word).ok_or_else(|| not_one_of::<words::RequestedBy>(name))
    }
}

impl Field for Option<RefundChoice> {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem> {
        fields
            .text(name)?
            .map(|word| refund_choice(name, &word))
            .transpose()
    }
}

/// What a body's field or a query parameter says of the refund.
pub fn refund_choice(name: &str, word: &str) -> Result<RefundChoice, Problem> {
    match word {
        "policy" => Ok(RefundChoice::Policy),
        "none" => Ok(RefundChoice::None),
        _ => Err(not_one_of::<words::RefundChoice>(name)),
    }
}

impl Field for Option<Locale> {
    fn take(fields: &mut Fields, name: &'static str) -> Result<Self, Problem> {
        let Some(word) = fields.text(name)? else {
            return Ok(None);
        };
        let known = [Locale::Sv, Locale::En];
        let found = known.into_iter().find(|locale| locale.as_str() == word);
        found
            .map(Some)
            .ok_or_else(|| not_one_of::<words::Language>(name))
    }
}
