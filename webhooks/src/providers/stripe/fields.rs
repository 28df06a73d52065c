//! Typed access to the fields of Stripe's objects. Every error carries the path of the field.

use super::amount;
use crate::Unreadable;
use crate::json::{Fields, Json};
use avstem_domain::id::IdError;
use avstem_domain::money::{Currency, Money};
use avstem_domain::time::{BillingPeriod, Timestamp};

/// The longest free text (name, plan …) that is kept, in bytes. Stripe's own limits are lower.
const TEXT_BYTES_MAX: usize = 5_000;

/// The largest amount that is believed, in Stripe's units. Stripe charges at most twelve digits; this is
/// a thousand times more, and still so little that the sums of thousands of such amounts fit in 64 bits.
const AMOUNT_MAX: i64 = 1_000_000_000_000_000;

type Read<T> = Result<T, Unreadable>;

/// One JSON object and where it lies in the document.
pub(super) struct Object<'a> {
    fields: &'a Fields<'a>,
    path: String,
}

/// A list as Stripe sends it: one page of it.
pub(super) struct Page<'a> {
    pub(super) items: Vec<Object<'a>>,
    pub(super) rest: Rest,
}

/// Whether a page is the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    Nothing,
    More,
}

impl<'a> Object<'a> {
    pub(super) fn root(json: &'a Json<'a>) -> Read<Self> {
        Self::at(json, String::new())
    }

    fn at(json: &'a Json<'a>, path: String) -> Read<Self> {
        if let Json::Object(fields) = json {
            return Ok(Self { fields, path });
        }
        let path = if path.is_empty() {
            "body".to_owned()
        } else {
            path
        };
        Err(Unreadable {
            path,
            problem: format!("expected an object, found {}", json.kind()),
        })
    }

    /// An error about field `name`.
    pub(super) fn wrong(&self, name: &str, problem: impl Into<String>) -> Unreadable {
        Unreadable {
            path: self.path_of(name),
            problem: problem.into(),
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Whether the object's shape has the field at all, be it null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.get(name).is_some()
    }

    /// The field, unless it is missing or null.
    fn get(&self, name: &str) -> Option<&'a Json<'a>> {
        self.fields.get(name).filter(|json| **json != Json::Null)
    }

    fn required<T>(&self, name: &str, value: Option<T>) -> Read<T> {
        value.ok_or_else(|| self.wrong(name, "is missing"))
    }

    fn unexpected(&self, name: &str, wanted: &str, found: &Json<'_>) -> Unreadable {
        self.wrong(name, format!("expected {wanted}, found {}", found.kind()))
    }

    pub(super) fn opt_text(&self, name: &str) -> Read<Option<&'a str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Text(text)) if text.len() <= TEXT_BYTES_MAX => Ok(Some(text)),
            Some(Json::Text(_)) => {
                Err(self.wrong(name, format!("is longer than {TEXT_BYTES_MAX} bytes")))
            }
            Some(other) => Err(self.unexpected(name, "a string", other)),
        }
    }

    pub(super) fn text(&self, name: &str) -> Read<&'a str> {
        self.required(name, self.opt_text(name)?)
    }

    pub(super) fn opt_int(&self, name: &str) -> Read<Option<i64>> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Int(number)) => Ok(Some(*number)),
            Some(other) => Err(self.unexpected(name, "an integer of 64 bits", other)),
        }
    }

    pub(super) fn opt_bool(&self, name: &str) -> Read<Option<bool>> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(self.unexpected(name, "a boolean", other)),
        }
    }

    pub(super) fn opt_object(&self, name: &str) -> Read<Option<Self>> {
        self.get(name)
            .map(|json| Self::at(json, self.path_of(name)))
            .transpose()
    }

    pub(super) fn object(&self, name: &str) -> Read<Self> {
        self.required(name, self.opt_object(name)?)
    }

    /// An expandable field that came expanded; `None` when it is an id, null or missing.
    pub(super) fn expanded(&self, name: &str) -> Read<Option<Self>> {
        match self.get(name) {
            None | Some(Json::Text(_)) => Ok(None),
            Some(json) => Self::at(json, self.path_of(name)).map(Some),
        }
    }

    /// A plain list of objects; empty when missing or null.
    pub(super) fn objects(&self, name: &str) -> Read<Vec<Self>> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Json::List(list)) => {
                let at = |(i, json)| Self::at(json, format!("{}[{i}]", self.path_of(name)));
                list.iter().enumerate().map(at).collect()
            }
            Some(other) => Err(self.unexpected(name, "a list", other)),
        }
    }

    /// The first element of a list of anything.
    pub(super) fn first(&self, name: &str) -> Option<&'a Json<'a>> {
        if let Some(Json::List(list)) = self.get(name) {
            list.first()
        } else {
            None
        }
    }

    /// A `{"object":"list","data":[…],"has_more":…}`, unless it is missing or null.
    pub(super) fn opt_page(&self, name: &str) -> Read<Option<Page<'a>>> {
        self.opt_object(name)?.map(|list| list.page()).transpose()
    }

    /// The object itself as a page.
    pub(super) fn page(&self) -> Read<Page<'a>> {
        if !self.has("data") {
            return Err(self.wrong("data", "is missing"));
        }
        let rest = if self.opt_bool("has_more")? == Some(true) {
            Rest::More
        } else {
            Rest::Nothing
        };
        Ok(Page {
            items: self.objects("data")?,
            rest,
        })
    }

    /// An id, or the id of the object that came in its place.
    pub(super) fn opt_id<T>(
        &self,
        name: &str,
        parse: fn(&str) -> Result<T, IdError>,
    ) -> Read<Option<T>> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Text(text)) => self.parsed(name, text, parse).map(Some),
            Some(other) => {
                let expanded = Self::at(other, self.path_of(name))?;
                let text = expanded.text("id")?;
                expanded.parsed("id", text, parse).map(Some)
            }
        }
    }

    fn parsed<T>(&self, name: &str, text: &str, parse: fn(&str) -> Result<T, IdError>) -> Read<T> {
        parse(text).map_err(|e| self.wrong(name, e.to_string()))
    }

    pub(super) fn id<T>(&self, name: &str, parse: fn(&str) -> Result<T, IdError>) -> Read<T> {
        self.required(name, self.opt_id(name, parse)?)
    }

    pub(super) fn opt_time(&self, name: &str) -> Read<Option<Timestamp>> {
        self.opt_int(name)?
            .map(|seconds| {
                Timestamp::from_unix_seconds(seconds).map_err(|e| self.wrong(name, e.to_string()))
            })
            .transpose()
    }

    pub(super) fn time(&self, name: &str) -> Read<Timestamp> {
        self.required(name, self.opt_time(name)?)
    }

    /// The period between two times; `None` when one of them is missing or it has no length.
    pub(super) fn opt_period(&self, start: &str, end: &str) -> Read<Option<BillingPeriod>> {
        let (Some(from), Some(to)) = (self.opt_time(start)?, self.opt_time(end)?) else {
            return Ok(None);
        };
        if from > to {
            return Err(self.wrong(end, format!("lies before {start}")));
        }
        Ok(BillingPeriod::new(from, to).ok())
    }

    pub(super) fn currency(&self) -> Read<Currency> {
        Currency::parse(self.text("currency")?).map_err(|e| self.wrong("currency", e.to_string()))
    }

    /// An amount of either sign.
    pub(super) fn opt_amount(&self, name: &str, currency: Currency) -> Read<Option<Money>> {
        let Some(given) = self.opt_int(name)? else {
            return Ok(None);
        };
        if !(-AMOUNT_MAX..=AMOUNT_MAX).contains(&given) {
            return Err(self.wrong(name, format!("is larger than {AMOUNT_MAX}")));
        }
        amount::from_stripe(given, currency)
            .map(Some)
            .map_err(|problem| self.wrong(name, problem))
    }

    pub(super) fn amount(&self, name: &str, currency: Currency) -> Read<Money> {
        self.required(name, self.opt_amount(name, currency)?)
    }

    /// An amount that cannot be below zero, such as what was charged.
    pub(super) fn opt_gross(&self, name: &str, currency: Currency) -> Read<Option<Money>> {
        let amount = self.opt_amount(name, currency)?;
        if amount.is_some_and(|money| money.minor() < 0) {
            return Err(self.wrong(name, "is negative"));
        }
        Ok(amount)
    }

    pub(super) fn gross(&self, name: &str, currency: Currency) -> Read<Money> {
        self.required(name, self.opt_gross(name, currency)?)
    }
}

/// The earliest start to the latest end; `None` of no periods.
pub(super) fn span(periods: impl IntoIterator<Item = BillingPeriod>) -> Option<BillingPeriod> {
    periods.into_iter().reduce(|one, other| {
        let start = one.start().min(other.start());
        let end = one.end().max(other.end());
        BillingPeriod::new(start, end).unwrap_or(one)
    })
}
