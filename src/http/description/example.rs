//! Examples, made from the schemas: one value that each of them allows.

use super::shape::{fields, kind, resolved};
use serde_json::{Map, Value, json};
use std::fmt::{self, Write};

/// A value whose fields stand in the order in which they are declared.
#[derive(Debug, Clone, PartialEq)]
pub enum Example {
    Plain(Value),
    List(Vec<Example>),
    Object(Vec<(String, Example)>),
}

impl Example {
    /// What a schema says is an example, else the smallest thing that it allows. References lead into
    /// `schemas`.
    pub fn of(schema: &Value, schemas: &Map<String, Value>) -> Self {
        // What a field says of itself goes before what is said of its kind.
        let own = schema.get("examples").and_then(Value::as_array);
        if let Some(value) = own.and_then(|examples| examples.first()) {
            return Self::Plain(value.clone());
        }
        let schema = resolved(schema, schemas);
        let first = |keyword: &str| schema.get(keyword)?.as_array()?.first();
        if let Some(value) = first("examples").or_else(|| first("enum")) {
            return Self::Plain(value.clone());
        }
        if let Some(value) = schema.get("default") {
            return Self::Plain(value.clone());
        }
        if let Some(one) = first("anyOf").or_else(|| first("allOf")) {
            return Self::of(one, schemas);
        }
        match kind(schema) {
            Some("object") => Self::object(schema, schemas),
            Some("array") => {
                let items = schema.get("items");
                Self::List(
                    items
                        .map(|one| Self::of(one, schemas))
                        .into_iter()
                        .collect(),
                )
            }
            Some("string") => Self::Plain(json!("…")),
            Some("integer") => Self::Plain(schema.get("minimum").cloned().unwrap_or(json!(0))),
            Some("boolean") => Self::Plain(json!(false)),
            Some(_) | None => Self::Plain(json!({})),
        }
    }

    fn object(schema: &Value, schemas: &Map<String, Value>) -> Self {
        if let Some(others) = schema
            .get("additionalProperties")
            .filter(|one| one.is_object())
        {
            return Self::Object(vec![("…".to_owned(), Self::of(others, schemas))]);
        }
        let named = |field: super::shape::Field<'_>| {
            (field.name.to_owned(), Self::of(field.schema, schemas))
        };
        Self::Object(fields(schema).into_iter().map(named).collect())
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let deeper = depth.saturating_add(1);
        match self {
            Self::Plain(value) => write!(f, "{value}"),
            Self::List(items) => {
                block(f, depth, ['[', ']'], items, |f, item| item.write(f, deeper))
            }
            Self::Object(fields) => block(f, depth, ['{', '}'], fields, |f, (name, value)| {
                write!(f, "{}: ", Value::from(name.as_str()))?;
                value.write(f, deeper)
            }),
        }
    }
}

/// On one line, or with `{:#}` indented by two spaces.
impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

fn block<T>(
    f: &mut fmt::Formatter<'_>,
    depth: usize,
    [open, close]: [char; 2],
    items: &[T],
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            f.write_str(if f.alternate() { "," } else { ", " })?;
        }
        indent(f, depth.saturating_add(1))?;
        write(f, item)?;
    }
    if !items.is_empty() {
        indent(f, depth)?;
    }
    f.write_char(close)
}

fn indent(f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    if f.alternate() {
        write!(f, "\n{}", "  ".repeat(depth))?;
    }
    Ok(())
}
