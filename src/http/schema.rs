//! What the values of the API look like: its description is made of these.
//!
//! They are markers. A field keeps its own type and names one of them in `#[schemars(with = …)]`.

pub mod words;

use avstem_domain::id;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// Writes down the schema of a type, and the types it is made of, for the description.
pub type Describe = fn(&mut SchemaGenerator) -> Schema;

pub fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Values whose schema stands where they are used, and not under a name of its own.
macro_rules! values {
    ($($(#[$about:meta])* $name:ident = $schema:expr;)*) => {$(
        $(#[$about])*
        pub struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

values! {
    CustomerId = ours(id::CustomerId::PREFIX);
    SubscriptionId = ours(id::SubscriptionId::PREFIX);
    ChargeId = ours(id::ChargeId::PREFIX);
    CancellationId = ours(id::CancellationId::PREFIX);
    RefundId = ours(id::RefundId::PREFIX);
    DisputeId = ours(id::DisputeId::PREFIX);
    EventId = ours(id::EventId::PREFIX);
    JournalId = ours(id::JournalId::PREFIX);
    DeliveryId = ours(id::DeliveryId::PREFIX);
    FileId = ours(id::FileId::PREFIX);
    ReconciliationId = ours(id::ReconciliationId::PREFIX);
    BreakId = ours(id::BreakId::PREFIX);
    /// An id in a URL or a body: our own, or the provider's.
    AnyId = json_schema!({ "type": "string", "minLength": 1, "maxLength": 255 });
    /// Text of a query parameter.
    Words = json_schema!({ "type": "string" });
    /// An instant in UTC.
    Time = json_schema!({ "type": "string", "format": "date-time", "examples": ["2026-11-22T18:00:00Z"] });
    /// A calendar day.
    Day = json_schema!({ "type": "string", "format": "date", "examples": ["2026-11-22"] });
    /// A whole count of things.
    Count = json_schema!({ "type": "integer", "minimum": 0, "examples": [1] });
    Limit = json_schema!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 });
    /// A decimal number as text: no client rounds it by accident.
    Decimal = json_schema!({ "type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?$", "examples": ["249.00"] });
    /// ISO 4217.
    Currency = json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$", "examples": ["SEK"] });
    Url = json_schema!({ "type": "string", "format": "uri" });
    /// JSON of any kind, such as what a provider sends.
    Anything = json_schema!({});
    /// An OpenAPI document.
    Document = json_schema!({ "type": "object" });
}

fn ours(prefix: &str) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": format!("^{prefix}_[0-9a-f]{{32}}$"),
        "examples": [format!("{prefix}_019ab0c8000070008000000000000001")],
    })
}
