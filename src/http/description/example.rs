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
        match self {
            Self::Plain(value) => write!(f, "{value}"),
            Self::List(items) => {
                f.write_char('[')?;
                for (position, item) in items.iter().enumerate() {
                    separate(f, position, depth)?;
                    item.write(f, depth.saturating_add(1))?;
                }
                close(f, items.is_empty(), depth, ']')
            }
            Self::Object(fields) => {
                f.write_char('{')?;
                for (position, (name, value)) in fields.iter().enumerate() {
                    separate(f, position, depth)?;
                    write!(f, "{}: ", Value::from(name.as_str()))?;
                    value.write(f, depth.saturating_add(1))?;
                }
                close(f, fields.is_empty(), depth, '}')
            }
        }
    }
}

/// On one line, or with `{:#}` indented by two spaces.
impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

fn separate(f: &mut fmt::Formatter<'_>, position: usize, depth: usize) -> fmt::Result {
    if position > 0 {
        f.write_str(if f.alternate() { "," } else { ", " })?;
    }
    indent(f, depth.saturating_add(1))
}

fn close(f: &mut fmt::Formatter<'_>, empty: bool, depth: usize, bracket: char) -> fmt::Result {
    if !empty {
        indent(f, depth)?;
    }
    f.write_char(bracket)
}

fn indent(f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    if f.alternate() {
        write!(f, "\n{}", "  ".repeat(depth))?;
    }
    Ok(())
}
