//! Reading schemas: what a person is told of one.

use serde_json::{Map, Value};

/// A field of an object, in the order in which they are declared.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    pub name: &'a str,
    pub schema: &'a Value,
    pub presence: Presence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
}

/// What a value looks like, in words, with the named schema that it is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// Stands before the name, such as `list of`.
    pub before: &'static str,
    pub words: String,
    /// Whether `words` are the name of a schema.
    pub is_name: bool,
    pub or_null: bool,
}

/// A schema without its reference.
pub fn resolved<'a>(schema: &'a Value, schemas: &'a Map<String, Value>) -> &'a Value {
    name_of(schema).map_or(schema, |name| schemas.get(name).unwrap_or(schema))
}

/// The name of the schema that is referred to.
fn name_of(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

/// The type that a schema wants; of a nullable one, what it is when it is not null.
pub fn kind(schema: &Value) -> Option<&str> {
    kinds(schema).into_iter().find(|kind| *kind != "null")
}

fn kinds(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
            Vec::new()
        }
    }
}

/// Required fields first, as they are declared; the others by name.
pub fn fields(schema: &Value) -> Vec<Field<'_>> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Vec::new();
    };
    let required = schema.get("required").and_then(Value::as_array);
    let required: Vec<&str> = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let found = required
        .iter()
        .filter_map(|name| properties.get_key_value(*name));
    let first = found.map(|(name, schema)| Field {
        name,
        schema,
        presence: Presence::Required,
    });
    let others = properties
        .iter()
        .filter(|(name, _)| !required.contains(&name.as_str()))
        .map(|(name, schema)| Field {
            name,
            schema,
            presence: Presence::Optional,
        });
    first.chain(others).collect()
}

impl Shape {
    pub fn of(schema: &Value) -> Self {
        if let Some(name) = name_of(schema) {
            return Self {
                words: name.to_owned(),
                is_name: true,
                ..Self::default()
            };
        }
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            let is_null = |choice: &&Value| kinds(choice) == ["null"];
            let some = choices.iter().find(|choice| !is_null(choice));
            return Self {
                or_null: choices.iter().any(|choice| is_null(&choice)),
                ..some.map(Self::of).unwrap_or_default()
            };
        }
        let shape = match kind(schema) {
            Some("array") => Self {
                before: "list of ",
                ..schema.get("items").map(Self::of).unwrap_or_default()
            },
            Some("object") => match schema.get("additionalProperties") {
                Some(others @ Value::Object(_)) => Self {
                    before: "object with any name and ",
                    ..Self::of(others)
                },
                Some(_) | None => Self::words("object"),
            },
            Some("string") => Self::words(text(schema)),
            Some("integer") => Self::words(integer(schema)),
            Some("boolean") => Self::words("true or false"),
            Some(_) | None => Self::words("anything"),
        };
        Self {
            or_null: kinds(schema).contains(&"null"),
            ..shape
        }
    }

    fn words(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            ..Self::default()
        }
    }
}

fn text(schema: &Value) -> String {
    let pattern = schema.get("pattern").and_then(Value::as_str);
    let own_id = pattern.and_then(|pattern| pattern.strip_prefix("^av")?.split_once('_'));
    if let Some((prefix, _)) = own_id {
        return format!("id av{prefix}_…");
    }
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "time".to_owned(),
        Some("date") => "day".to_owned(),
        Some("uri") => "address".to_owned(),
        Some(_) | None => match schema.get("maxLength") {
            Some(most) => format!("text, 1 to {most} characters"),
            None => "text".to_owned(),
        },
    }
}

fn integer(schema: &Value) -> String {
    match (schema.get("minimum"), schema.get("maximum")) {
        (Some(least), Some(most)) => format!("whole number, {least} to {most}"),
        (Some(least), None) => format!("whole number, {least} or more"),
        (None, _) => "whole number".to_owned(),
    }
}
