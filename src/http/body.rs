//! JSON bodies: read whole within bounds, every field known, every complaint naming its field.

mod field;

pub(super) use field::body;
pub use field::{Body, Field, refund_choice};

use super::params::{day_of, no_nul};
use super::problem::{Code, Problem};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use avstem_domain::time::Timestamp;
use chrono::NaiveDate;
use futures_util::StreamExt;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The longest JSON body of an API request, in bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Room that is made for a body because somebody says that it will come.
const ROOM_BYTES_MAX: usize = 16 * 1024;

/// How long a body may take to arrive. The framework's own limit ends with the head of a request.
pub const BODY_SECONDS_MAX: u64 = 10;

/// The longest text in a field, in characters.
const TEXT_CHARS_MAX: usize = 2_000;

/// Reads a body to its end. Errors when it is longer than `bytes_max`, as announced or as it comes, when
/// it takes longer than [`BODY_SECONDS_MAX`], and when the connection breaks.
pub async fn read_body(
    headers: &HeaderMap,
    mut payload: Payload,
    bytes_max: usize,
) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::new(
            Code::PayloadTooLarge,
            format!("The body is larger than {bytes_max} bytes."),
        )
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let read = async {
        let expected = announced.and_then(|length| usize::try_from(length).ok());
        let mut body = Vec::with_capacity(expected.unwrap_or(0).min(ROOM_BYTES_MAX));
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| {
                Problem::new(Code::InvalidRequest, "The body broke off before its end.")
            })?;
            if body.len().saturating_add(chunk.len()) > bytes_max {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(body))
    };
    actix_web::rt::time::timeout(Duration::from_secs(BODY_SECONDS_MAX), read)
        .await
        .unwrap_or_else(|_| {
            let detail = format!("The body did not arrive within {BODY_SECONDS_MAX} s.");
            Err(Problem::new(Code::RequestTimeout, detail))
        })
}

/// The fields of a JSON object, as a handler argument, which reads them as a [`Body`].
#[derive(Debug)]
pub struct Fields(BTreeMap<String, Value>);

impl FromRequest for Fields {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers().clone();
        let payload = payload.take();
        Box::pin(async move {
            let body = read_body(&headers, payload, BODY_BYTES_MAX).await?;
            expect_json(&headers)?;
            Self::parse(&body)
        })
    }
}

/// A body is JSON, whatever else it says; saying nothing is fine.
fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(
            Code::UnsupportedContentEncoding,
            "Content-Encoding: send the body as it is, not compressed.",
        ));
    }
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let kind = kind.to_str().unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Problem::new(
            Code::UnsupportedMediaType,
            "Content-Type: send the body as application/json.",
        ))
    }
}

impl Fields {
    fn parse(body: &[u8]) -> Result<Self, Problem> {
        let object: Object = serde_json::from_slice(body).map_err(|error| {
            Problem::new(
                Code::InvalidBody,
                format!("The body is one JSON object, and this is not: {error}."),
            )
        })?;
        Ok(Self(object.0))
    }

    /// The whole body. Refuses fields that it does not have, before it looks at any.
    pub fn read<B: Body>(self) -> Result<B, Problem> {
        B::take(&mut self.only(B::FIELDS)?)
    }

    fn only(self, known: &[&str]) -> Result<Self, Problem> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(self),
            Some(unknown) => {
                let unknown: String = unknown.chars().take(40).collect();
                Err(Problem::new(
                    Code::InvalidBody,
                    format!(
                        "{unknown:?} is not a field of this request; those are {}.",
                        known.join(", ")
                    ),
                ))
            }
        }
    }

    /// Null and a field that is left out mean the same.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// 1 to 2,000 characters.
    fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) if (1..=TEXT_CHARS_MAX).contains(&text.chars().count()) => {
                no_nul(name, &text)?;
                Ok(Some(text))
            }
            Some(Value::String(_)) => Err(wrong(name, "a text of 1 to 2000 characters")),
            Some(
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_),
            ) => Err(wrong(name, "a text")),
        }
    }

    fn required_text(&mut self, name: &'static str) -> Result<String, Problem> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    fn required_integer(&mut self, name: &'static str) -> Result<i64, Problem> {
        let value = self.take(name).ok_or_else(|| missing(name))?;
        value.as_i64().ok_or_else(|| wrong(name, "a whole number"))
    }

    fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => value
                .as_bool()
                .map(Some)
                .ok_or_else(|| wrong(name, "true or false")),
        }
    }

    fn day(&mut self, name: &'static str) -> Result<Option<NaiveDate>, Problem> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        day_of(name, &text).map(Some)
    }

    fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        Timestamp::parse_rfc3339(&text)
            .map(Some)
            .map_err(|error| Problem::invalid_parameter(name, error))
    }
}

fn missing(name: &str) -> Problem {
    Problem::new(Code::InvalidBody, format!("{name} is missing."))
}

fn wrong(name: &str, wanted: &str) -> Problem {
    Problem::new(Code::InvalidBody, format!("{name} must be {wanted}."))
}

/// An object whose names are all different: of two values for one name, none is the right one.
struct Object(BTreeMap<String, Value>);

impl<'de> de::Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fill;

        impl<'de> Visitor<'de> for Fill {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if fields.contains_key(&name) {
                        let name: String = name.chars().take(40).collect();
                        return Err(de::Error::custom(format_args!("{name:?} is given twice")));
                    }
                    fields.insert(name, value);
                }
                Ok(Object(fields))
            }
        }

        deserializer.deserialize_map(Fill)
    }
}

#[cfg(test)]
mod tests;
