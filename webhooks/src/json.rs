//! Strict JSON: what serde_json accepts, minus what two readers could understand differently.
//!
//! `serde_json::Value` keeps the last of two equal keys and turns large numbers into floats. Here equal
//! keys and NUL characters are errors, and a number that is not a whole `i64` is kept as text only.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::Utf8Error;

/// A document as it was read. Texts are those of the document, unless they were written with escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A fraction, or a whole number outside `i64`. Never an amount.
    OtherNumber(String),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Fields<'a>),
}

/// The fields of an object, each key once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fields<'a> {
    /// In [`order`] of their keys.
    sorted: Vec<(Cow<'a, str>, Json<'a>)>,
}

impl<'a> Fields<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<&Json<'a>> {
        let place = self.place(key)?;
        self.sorted.get(place).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if let Some(place) = self.place(key) {
            self.sorted.remove(place);
        }
    }

    fn place(&self, key: &str) -> Option<usize> {
        let by_key = |(known, _): &(Cow<'a, str>, Json<'a>)| order(known, key);
        self.sorted.binary_search_by(by_key).ok()
    }
}

/// As serde_json says where something is wrong: lines and bytes of a line from 1 on.
fn no_text(body: &[u8], error: Utf8Error) -> String {
    let before = body.get(..error.valid_up_to()).unwrap_or_default();
    let lines = before.split(|byte| *byte == b'\n');
    let (line, last) = (1..).zip(lines).last().unwrap_or_default();
    let column = last.len().saturating_add(1);
    format!("invalid unicode code point at line {line} column {column}")
}

/// Shorter keys first: most are told apart without a look at their letters.
fn order(one: &str, other: &str) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

impl<'a> Json<'a> {
    /// Reads one JSON document. Errors on everything that RFC 8259 forbids, a byte order mark, lone
    /// surrogates, numbers outside a double's range, nesting deeper than 128 (serde_json's limit), a
    /// repeated key, and a NUL character (PostgreSQL cannot keep it in text). The error says where,
    /// and never quotes the document.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, String> {
        // Looked at as a whole, UTF-8 costs a fraction of what it does text by text.
        let text = std::str::from_utf8(body).map_err(|e| no_text(body, e))?;
        serde_json::from_str(text).map_err(|e| e.to_string())
    }

    /// The kind of value, for error messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::OtherNumber(_) => "a fraction or a number too large",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

/// Room for as many fields as most objects have.
const FIELDS: usize = 16;

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(i64::try_from(value).map_or_else(|_| Json::OtherNumber(value.to_string()), Json::Int))
    }

    #[expect(
        clippy::disallowed_types,
        reason = "serde's trait names the type; the value is kept as text and never counted with"
    )]
    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::OtherNumber(format!("{value:e}")))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json<'de>, E> {
        TextVisitor.visit_str(value).map(Json::Text)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Json<'de>, E> {
        TextVisitor.visit_borrowed_str(value).map(Json::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json<'de>, A::Error> {
        let mut sorted = Vec::with_capacity(FIELDS);
        while let Some((Text(key), value)) = entries.next_entry::<Text<'de>, Json<'de>>()? {
            sorted.push((key, value));
        }
        sorted.sort_unstable_by(|(one, _), (other, _)| order(one, other));
        let twice = |pair: &[(Cow<'de, str>, Json<'de>)]| matches!(pair, [(one, _), (other, _)] if one == other);
        if sorted.windows(2).any(twice) {
            return Err(A::Error::custom("a key occurs twice in one object"));
        }
        Ok(Json::Object(Fields { sorted }))
    }
}

/// A text without NUL characters.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Cow<'de, str>, E> {
        no_nul(value)?;
        Ok(Cow::Owned(value.to_owned()))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Cow<'de, str>, E> {
        // As it is written, so without escapes; and no control character may be written without.
        Ok(Cow::Borrowed(value))
    }
}

fn no_nul<E: Error>(text: &str) -> Result<(), E> {
    if text.bytes().any(|byte| byte == 0) {
        return Err(E::custom("a NUL character in a string"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_integers_and_everything_else_is_not() {
        let cases = [
            ("7", Json::Int(7)),
            ("-9223372036854775808", Json::Int(i64::MIN)),
            (
                "9223372036854775808",
                Json::OtherNumber("9223372036854775808".to_owned()),
            ),
            ("7.0", Json::OtherNumber("7e0".to_owned())),
            ("1e3", Json::OtherNumber("1e3".to_owned())),
            ("-0", Json::OtherNumber("-0e0".to_owned())),
        ];
        for (text, json) in cases {
            assert_eq!(Json::parse(text.as_bytes()), Ok(json), "{text}");
        }
    }

    #[test]
    fn what_two_readers_could_understand_differently_is_refused() {
        let deep = "[".repeat(100_000);
        let closed = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let cases = [
            r#"{"a":1,"a":1}"#,
            r#"{"b":[{"a":1,"\u0061":2}]}"#,
            r#""\u0000""#,
            "\"\0\"",
            r#"{"\u0000":1}"#,
            r#""\ud800""#,
            r#""\udc00\ud800""#,
            "1e400",
            "-1e400",
            "01",
            "+1",
            "NaN",
            "[1,]",
            "{} {}",
            "",
            "\u{feff}{}",
            &deep,
            &closed,
        ];
        for text in cases {
            assert!(
                Json::parse(text.as_bytes()).is_err(),
                "{}",
                text.chars().take(40).collect::<String>()
            );
        }
        let error = Json::parse(b"{\n \"a\": \"\xff\"}").unwrap_err();
        assert_eq!(error, "invalid unicode code point at line 2 column 8");
    }

    #[test]
    fn an_error_says_where_and_quotes_nothing() {
        let error =
            Json::parse(br#"{"canary-pii-1@example.test":1,"canary-pii-1@example.test":2}"#)
                .unwrap_err();
        assert!(
            error.contains("a key occurs twice") && error.contains("line 1"),
            "{error}"
        );
        assert!(!error.contains("canary"), "{error}");
    }
}
