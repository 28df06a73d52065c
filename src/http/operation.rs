//! What a route takes and gives, in values: the routes' table holds one for each. Requests are read
//! against it, and the description that `/openapi.json` and `/docs` show is made from it.

use super::problem::Code;
use super::schema::{self, Describe};
use schemars::JsonSchema;

/// Everything about a route but its method, path and role.
pub struct Operation {
    /// Names it for programs that are made from the description.
    pub id: &'static str,
    pub tag: Tag,
    /// One line without a full stop.
    pub summary: &'static str,
    /// Sentences that add to the summary; may be empty.
    pub about: &'static str,
    /// Parts of the path that are not fixed, in their order.
    pub path: &'static [Parameter],
    /// The only query parameters that the route takes.
    pub query: &'static [Parameter],
    /// Headers with a meaning on this route alone.
    pub headers: &'static [Parameter],
    pub body: Option<Sent>,
    /// What the file is that the body is.
    pub file: Option<&'static str>,
    pub answers: &'static [Reply],
    /// Codes of problems beside those that [`super::description`] adds by the kind of route.
    pub problems: &'static [Code],
    /// A query string for the example, with its question mark; may be empty.
    pub example: &'static str,
}

/// A part of the path, a query parameter or a header.
pub struct Parameter {
    pub name: &'static str,
    pub about: &'static str,
    pub schema: Describe,
    /// What examples say.
    pub example: &'static str,
}

/// A request's body.
pub struct Sent {
    pub schema: Describe,
    /// Whether a request without one is refused.
    pub about: &'static str,
}

/// An answer that is not a problem.
pub struct Reply {
    pub status: u16,
    pub about: &'static str,
    pub content: Content,
}

pub enum Content {
    Json(Describe),
    /// A text of this media type.
    Text(&'static str),
    /// A file in one of the formats of exports.
    Export,
    /// JSON, or the same as a picture.
    Report(Describe),
}

/// Routes that belong together, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    Webhooks,
    Inbox,
    Customers,
    Subscriptions,
    Cancellations,
    Refunds,
    Disputes,
    Reconciliation,
    Ledger,
    Reports,
    Exports,
    AccountPage,
    Operating,
}

impl Tag {
    pub const ALL: [Self; 13] = [
        Self::Webhooks,
        Self::Inbox,
        Self::Customers,
        Self::Subscriptions,
        Self::Cancellations,
        Self::Refunds,
        Self::Disputes,
        Self::Reconciliation,
        Self::Ledger,
        Self::Reports,
        Self::Exports,
        Self::AccountPage,
        Self::Operating,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhooks => "Webhooks",
            Self::Inbox => "The inbox",
            Self::Customers => "Customers",
            Self::Subscriptions => "Subscriptions",
            Self::Cancellations => "Cancellations",
            Self::Refunds => "Refunds",
            Self::Disputes => "Disputes",
            Self::Reconciliation => "Reconciliation",
            Self::Ledger => "The ledger",
            Self::Reports => "Reports",
            Self::Exports => "Exports",
            Self::AccountPage => "The account page",
            Self::Operating => "Operating",
        }
    }

    pub const fn about(self) -> &'static str {
        match self {
            Self::Webhooks => {
                "Where providers deliver. An answer of 200 means that the bytes are durably stored."
            }
            Self::Inbox => "Every delivery that was taken in, and what became of it.",
            Self::Customers => "Customers, as the provider tells of them.",
            Self::Subscriptions => "Subscriptions, their charges, and what was delivered for them.",
            Self::Cancellations => {
                "A cancellation stops billing, refunds the latest charge by the policy, and says why for every charge."
            }
            Self::Refunds => "Refunds, ours and those that others made at the provider.",
            Self::Disputes => {
                "What customers' banks take back, as the provider tells of it. While a bank decides, the charge is not refunded."
            }
            Self::Reconciliation => {
                "Settlement reports and bank statements in; what they and the books say differently out, as breaks for a person."
            }
            Self::Ledger => "The double-entry ledger. Debits are positive.",
            Self::Reports => {
                "What a person wants to see of it all: numbers as JSON, and the same drawn as SVG."
            }
            Self::Exports => "Tables as files. An export is whole or it fails.",
            Self::AccountPage => {
                "Links that sign a customer in. The pages themselves are HTML for people and are not described here."
            }
            Self::Operating => "For whoever runs the service. These need no key.",
        }
    }
}

impl Operation {
    pub const fn new(tag: Tag, id: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            tag,
            summary,
            about: "",
            path: &[],
            query: &[],
            headers: &[],
            body: None,
            file: None,
            answers: &[],
            problems: &[],
            example: "",
        }
    }

    pub const fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    pub const fn path(mut self, path: &'static [Parameter]) -> Self {
        self.path = path;
        self
    }

    pub const fn query(mut self, query: &'static [Parameter]) -> Self {
        self.query = query;
        self
    }

    pub const fn headers(mut self, headers: &'static [Parameter]) -> Self {
        self.headers = headers;
        self
    }

    pub const fn takes<T: JsonSchema>(mut self, about: &'static str) -> Self {
        self.body = Some(Sent {
            schema: schema::of::<T>,
            about,
        });
        self
    }

    /// The body is a file of any kind, which the handler finds spooled.
    pub const fn takes_file(mut self, about: &'static str) -> Self {
        self.file = Some(about);
        self
    }

    pub const fn gives(mut self, answers: &'static [Reply]) -> Self {
        self.answers = answers;
        self
    }

    pub const fn refuses(mut self, problems: &'static [Code]) -> Self {
        self.problems = problems;
        self
    }

    pub const fn example(mut self, query: &'static str) -> Self {
        self.example = query;
        self
    }
}

impl Parameter {
    pub const fn new<T: JsonSchema>(
        name: &'static str,
        about: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            name,
            about,
            schema: schema::of::<T>,
            example,
        }
    }
}

impl Reply {
    pub const fn json<T: JsonSchema>(status: u16, about: &'static str) -> Self {
        Self {
            status,
            about,
            content: Content::Json(schema::of::<T>),
        }
    }

    pub const fn text(media_type: &'static str, about: &'static str) -> Self {
        Self {
            status: 200,
            about,
            content: Content::Text(media_type),
        }
    }

    pub const fn report<T: JsonSchema>(about: &'static str) -> Self {
        Self {
            status: 200,
            about,
            content: Content::Report(schema::of::<T>),
        }
    }

    pub const fn export(about: &'static str) -> Self {
        Self {
            status: 200,
            about,
            content: Content::Export,
        }
    }
}

/// What every list takes.
pub const LIMIT: Parameter =
    Parameter::new::<schema::Limit>("limit", "The most objects on a page.", "1");
pub const CURSOR: Parameter = Parameter::new::<schema::Words>(
    "cursor",
    "The `next_cursor` of the page before; treat it as opaque.",
    "",
);
pub const FROM: Parameter =
    Parameter::new::<schema::Day>("from", "The first day, inclusive.", "2026-11-01");
pub const TO: Parameter =
    Parameter::new::<schema::Day>("to", "The last day, inclusive.", "2026-11-30");
