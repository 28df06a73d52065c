//! Whether answers are as `/openapi.json` says: every answer that a test gets over the wire is checked.
//!
//! A reading of JSON Schema of our own, which knows the keywords that our description is made of and
//! stops at any other. An object may have no field that its schema does not name.

use crate::wire::Reply;
use avstem::http::description::document::document;
use avstem_domain::time::Timestamp;
use serde_json::{Value, json};
use std::sync::OnceLock;

pub fn description() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| document("http://avstem.test"))
}

/// The path's template in the description, and what it says of the method.
pub fn operation(method: &str, target: &str) -> Option<(&'static str, &'static Value)> {
    let path = target.split('?').next().unwrap();
    let paths = description()["paths"].as_object().unwrap();
    let exact = paths.get_key_value(path);
    let found = exact.or_else(|| paths.iter().find(|(template, _)| matches(template, path)));
    let (template, methods) = found?;
    let operation = methods.get(method.to_lowercase())?;
    Some((template.as_str(), operation))
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) =
        (template.split('/').collect(), path.split('/').collect());
    let part = |template: &str, part: &str| match template.split_once('{') {
        Some((fixed, _)) => {
            let open = part.strip_prefix(fixed).unwrap_or_default();
            !open.is_empty() && (!template.contains('.') || part.contains('.'))
        }
        None => template == part,
    };
    template.len() == path.len()
        && template
            .iter()
            .zip(path)
            .all(|(one, other)| part(one, other))
}

/// Complains when an answer is not as described. What no route answers is a problem of no route.
#[track_caller]
pub fn check(method: &str, target: &str, reply: &Reply) {
    let name = format!("{method} {target}: {}", reply.status);
    let kind = reply.header("content-type").unwrap_or_default();
    let Some((_, operation)) = operation(method, target) else {
        if kind == "application/problem+json" {
            let problem = json!({ "$ref": "#/components/schemas/Problem" });
            fits(&problem, &reply.json(), &name);
        }
        return;
    };
    let response = &operation["responses"][reply.status.to_string()];
    assert!(
        response.is_object(),
        "{name} is not described: {}",
        reply.text()
    );
    for (header, described) in response["headers"].as_object().unwrap() {
        let described = resolve(described);
        if described["required"] == true {
            let header = header.to_lowercase();
            assert!(reply.header(&header).is_some(), "{name} has no {header}");
        }
    }
    let content = response["content"].as_object().unwrap();
    let described = content
        .get(kind)
        .unwrap_or_else(|| panic!("{name} is described as {:?}, not {kind}", content.keys()));
    if matches!(kind, "application/json" | "application/problem+json") {
        fits(&described["schema"], &reply.json(), &name);
    }
}

fn resolve(value: &Value) -> &Value {
    let Some(target) = value.get("$ref") else {
        return value;
    };
    let target = target.as_str().unwrap().strip_prefix('#').unwrap();
    description().pointer(target).unwrap()
}

/// Complains when `value` does not fit `schema`; `at` says where it stands.
#[track_caller]
pub fn fits(schema: &Value, value: &Value, at: &str) {
    if let Err(complaint) = validate(schema, value, at) {
        panic!("{complaint}");
    }
}

pub fn validate(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let keywords = schema.as_object().unwrap();
    let require = |holds: bool, what: &dyn std::fmt::Display| match holds {
        true => Ok(()),
        false => Err(format!("{at}: {value} is not {what}")),
    };
    for (keyword, wanted) in keywords {
        let number = || wanted.as_i64().unwrap();
        let length = || i64::try_from(value.as_str().unwrap_or_default().chars().count()).unwrap();
        match keyword.as_str() {
            "description" | "examples" | "default" => {}
            "$ref" => validate(resolve(schema), value, at)?,
            "type" => require(is_of(wanted, value), wanted)?,
            "enum" => require(wanted.as_array().unwrap().contains(value), wanted)?,
            "const" => require(wanted == value, wanted)?,
            "minimum" => require(value.as_i64().is_none_or(|n| n >= number()), wanted)?,
            "maximum" => require(value.as_i64().is_none_or(|n| n <= number()), wanted)?,
            "minLength" => require(!value.is_string() || length() >= number(), wanted)?,
            "maxLength" => require(!value.is_string() || length() <= number(), wanted)?,
            "format" => require(has_format(wanted, value), wanted)?,
            "pattern" => require(has_pattern(wanted, value), wanted)?,
            "anyOf" => {
                let mut choices = wanted.as_array().unwrap().iter();
                require(choices.any(|one| validate(one, value, at).is_ok()), wanted)?;
            }
            "allOf" => {
                for one in wanted.as_array().unwrap() {
                    validate(one, value, at)?;
                }
            }
            "items" => {
                for (position, item) in value.as_array().into_iter().flatten().enumerate() {
                    validate(wanted, item, &format!("{at}[{position}]"))?;
                }
            }
            "required" => {
                for field in wanted.as_array().unwrap() {
                    let has = value.get(field.as_str().unwrap()).is_some();
                    require(has || value.is_null(), &format!("one with {field}"))?;
                }
            }
            "properties" => fields(schema, wanted, value, at)?,
            "additionalProperties" => {
                for (name, other) in value.as_object().into_iter().flatten() {
                    if wanted.is_object() {
                        validate(wanted, other, &format!("{at}.{name}"))?;
                    }
                }
            }
            other => {
                panic!("the keyword {other} is new in the description: teach it to this check")
            }
        }
    }
    Ok(())
}

fn fields(schema: &Value, wanted: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (name, field) in value.as_object().into_iter().flatten() {
        match wanted.get(name) {
            Some(wanted) => validate(wanted, field, &format!("{at}.{name}"))?,
            // Beside allOf, properties only say more of some fields.
            None if schema.get("allOf").is_some() => {}
            None => return Err(format!("{at}: {name} is not described")),
        }
    }
    Ok(())
}

fn is_of(wanted: &Value, value: &Value) -> bool {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match wanted {
        Value::Array(kinds) => kinds.iter().any(|wanted| wanted == kind),
        wanted @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_)) => wanted == kind,
    }
}

fn has_format(format: &Value, value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return true;
    };
    match format.as_str().unwrap() {
        "date-time" => text.ends_with('Z') && Timestamp::parse_rfc3339(text).is_ok(),
        "date" => text.len() == 10 && text.parse::<chrono::NaiveDate>().is_ok(),
        "uri" => text.contains(':') && !text.contains(' '),
        other => panic!("the format {other} is new in the description: teach it to this check"),
    }
}

fn has_pattern(pattern: &Value, value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return true;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match pattern.as_str().unwrap() {
        "^-?[0-9]+([.][0-9]+)?$" => {
            let text = text.strip_prefix('-').unwrap_or(text);
            text.split_once('.')
                .map_or(digits(text), |(whole, part)| digits(whole) && digits(part))
        }
        "^[A-Z]{3}$" => text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()),
        own => {
            let known = own.strip_prefix('^');
            let prefix = known.and_then(|own| own.strip_suffix("_[0-9a-f]{32}$"));
            let prefix = prefix
                .unwrap_or_else(|| panic!("the pattern {own} is new: teach it to this check"));
            let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            text.strip_prefix(prefix)
                .and_then(|rest| rest.strip_prefix('_'))
                .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(hex))
        }
    }
}

#[test]
fn the_check_refuses_what_does_not_fit() {
    let money = json!({ "$ref": "#/components/schemas/Money" });
    let good = json!({ "amount": "-249.00", "currency": "SEK" });
    assert_eq!(validate(&money, &good, "m"), Ok(()));
    for bad in [
        json!(null),
        json!("249.00 SEK"),
        json!({ "amount": "249.00" }),
        json!({ "amount": 249, "currency": "SEK" }),
        json!({ "amount": "249,00", "currency": "SEK" }),
        json!({ "amount": "249.", "currency": "SEK" }),
        json!({ "amount": "249.00", "currency": "kr" }),
        json!({ "amount": "249.00", "currency": "SEK", "minor": 24_900 }),
    ] {
        assert!(validate(&money, &bad, "m").is_err(), "{bad}");
    }
    for (schema, good, bad) in [
        (
            json!({ "type": "integer", "minimum": 1 }),
            json!(1),
            json!(0),
        ),
        (json!({ "maximum": 2 }), json!(2), json!(3)),
        (
            json!({ "minLength": 1, "maxLength": 2 }),
            json!("ä"),
            json!("äää"),
        ),
        (json!({ "enum": ["a"] }), json!("a"), json!("b")),
        (json!({ "const": 404 }), json!(404), json!(400)),
        (
            json!({ "format": "date" }),
            json!("2026-11-22"),
            json!("2026-1-2"),
        ),
        (
            json!({ "format": "date-time" }),
            json!("2026-11-22T18:00:00Z"),
            json!("2026-11-22"),
        ),
        (
            json!({ "pattern": "^avch_[0-9a-f]{32}$" }),
            json!("avch_019ab0c8000070008000000000000001"),
            json!("ch_1"),
        ),
        (
            json!({ "items": { "type": "string" } }),
            json!(["a"]),
            json!([1]),
        ),
        (
            json!({ "anyOf": [{ "type": "null" }, { "type": "string" }] }),
            json!(null),
            json!(1),
        ),
    ] {
        assert_eq!(validate(&schema, &good, "x"), Ok(()), "{schema}");
        assert!(
            validate(&schema, &bad, "x").is_err(),
            "{schema} takes {bad}"
        );
    }
}

/// Checks what a schema, and every schema in it, says is an example; returns how many there were.
fn check_examples(schema: &Value, at: &str) -> usize {
    let own = schema["examples"].as_array();
    for example in own.into_iter().flatten() {
        fits(schema, example, at);
    }
    let mut count = own.map_or(0, Vec::len);
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        count += check_examples(field, &format!("{at}.{name}"));
    }
    count
}

#[test]
fn examples_are_what_their_schemas_allow() {
    let schemas = description()["components"]["schemas"].as_object().unwrap();
    let count: usize = schemas
        .iter()
        .map(|(name, schema)| check_examples(schema, name))
        .sum();
    assert!(count > 30, "{count}");
    let paths = description()["paths"].as_object().unwrap();
    for operation in paths
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
    {
        for parameter in operation["parameters"].as_array().unwrap() {
            if let Some(example) = parameter.get("example") {
                let at = parameter["name"].as_str().unwrap();
                fits(&parameter["schema"], example, at);
            }
        }
    }
}
