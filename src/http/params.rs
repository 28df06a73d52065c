//! Paths and query strings: every parameter known, given once, and of the right kind.

use super::operation::Operation;
use super::problem::{Code, Problem};
use super::schema::words::Words;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use avstem_domain::time::{Timestamp, start_of_day};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Rows on a page when the client does not say.
const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 100;
/// The longest id or other text in a URL, in bytes.
const TEXT_BYTES_MAX: usize = 255;

/// The parameters of a query string.
#[derive(Debug)]
pub struct Params(BTreeMap<String, String>);

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// 1 to 100.
    pub limit: i64,
    /// Our id of the last object of the page before.
    pub before: Option<String>,
}

/// Calendar days, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Params {
    /// Refuses parameters other than the route's own, and one that is given twice. An empty value
    /// means the same as none.
    pub fn read(request: &HttpRequest) -> Result<Self, Problem> {
        let operation = request.extensions().get::<&'static Operation>().copied();
        let operation = operation
            .ok_or_else(|| Problem::internal("a route that reads parameters has no gate"))?;
        let known: Vec<&str> = operation.query.iter().map(|known| known.name).collect();
        Self::parse(request.query_string(), &known)
    }

    fn parse(query: &str, known: &[&str]) -> Result<Self, Problem> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query).map_err(|_| {
            Problem::new(Code::InvalidParameter, "The query string cannot be read.")
        })?;
        let mut values = BTreeMap::new();
        for (name, value) in pairs.into_inner() {
            let Some(name) = known.iter().copied().find(|known| *known == name) else {
                let name: String = name.chars().take(40).collect();
                let known = match known {
                    [] => "it takes none".to_owned(),
                    known => format!("it takes {}", known.join(", ")),
                };
                return Err(Problem::new(
                    Code::InvalidParameter,
                    format!("{name:?} is not a query parameter of this route; {known}."),
                ));
            };
            no_nul(name, &value)?;
            if values.insert(name.to_owned(), value).is_some() {
                return Err(Problem::invalid_parameter(name, "it is given twice."));
            }
        }
        values.retain(|_, value| !value.is_empty());
        Ok(Self(values))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// One of a few words.
    pub fn one_of<W: Words>(&self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(word) if W::all().contains(&word) => Ok(Some(word.to_owned())),
            Some(_) => Err(not_one_of::<W>(name)),
        }
    }

    pub fn day(&self, name: &'static str) -> Result<Option<NaiveDate>, Problem> {
        self.get(name).map(|text| day_of(name, text)).transpose()
    }

    pub fn days(&self) -> Result<DayRange, Problem> {
        let (from, to) = (self.day("from")?, self.day("to")?);
        if let (Some(first), Some(last)) = (from, to)
            && first > last
        {
            return Err(Problem::invalid_parameter("from", "it is after to."));
        }
        Ok(DayRange { from, to })
    }

    /// `limit` and `cursor`, of a list of ids with `prefix`.
    pub fn page(&self, prefix: &'static str) -> Result<Page, Problem> {
        let limit = match self.get("limit") {
            None => LIMIT_DEFAULT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=LIMIT_MAX).contains(limit))
                .ok_or_else(|| {
                    Problem::invalid_parameter("limit", "write a number from 1 to 100.")
                })?,
        };
        let before = match self.get("cursor") {
            None => None,
            Some(text) if is_id(text, prefix) => Some(text.to_owned()),
            Some(_) => return Err(Problem::invalid_cursor()),
        };
        Ok(Page { limit, before })
    }
}

impl DayRange {
    /// The instants they begin and end at in `zone`: `from` inclusive, `to` exclusive.
    pub fn instants(self, zone: chrono_tz::Tz) -> (Option<Timestamp>, Option<Timestamp>) {
        let from = self.from.map(|day| start_of_day(day, zone));
        // Past the last day there is, nothing is left out.
        let after = self.to.and_then(|day| day.checked_add_days(Days::new(1)));
        (from, after.map(|day| start_of_day(day, zone)))
    }
}

pub fn day_of(name: &str, text: &str) -> Result<NaiveDate, Problem> {
    // chrono alone would also take "2026-1-2".
    let shaped = text.len() == 10;
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|_| shaped);
    day.ok_or_else(|| Problem::invalid_parameter(name, "write a calendar day such as 2026-11-22."))
}

pub fn not_one_of<W: Words>(name: &str) -> Problem {
    Problem::invalid_parameter(name, format!("it is one of {}.", W::all().join(", ")))
}

/// PostgreSQL keeps no NUL in a text.
pub fn no_nul(name: &str, text: &str) -> Result<(), Problem> {
    if text.contains('\0') {
        return Err(Problem::invalid_parameter(
            name,
            "a text has no NUL character.",
        ));
    }
    Ok(())
}

fn is_id(text: &str, prefix: &str) -> bool {
    let digits = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'));
    let lower =
        |digits: &str| digits.len() == 32 && !digits.bytes().any(|b| b.is_ascii_uppercase());
    digits.is_some_and(|digits| lower(digits) && Uuid::try_parse(digits).is_ok())
}

/// The part of the path that is not fixed: our id, the provider's, or another name. What cannot be one
/// names nothing. Routes have at most one.
pub fn path_part(request: &HttpRequest, what: &str) -> Result<String, Problem> {
    let decoded = web::Path::<String>::extract(request).into_inner();
    let decoded = decoded.map(web::Path::into_inner).unwrap_or_default();
    let plausible = (1..=TEXT_BYTES_MAX).contains(&decoded.len())
        && decoded.bytes().all(|byte| byte.is_ascii_graphic());
    if plausible {
        Ok(decoded)
    } else {
        Err(Problem::new(
            Code::NotFound,
            format!("There is no such {what}."),
        ))
    }
}

#[cfg(test)]
mod tests;
