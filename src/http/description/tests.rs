use super::document::document;
use super::example::Example;
use super::*;
use crate::http::operation::Tag;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const URL: &str = "http://avstem.test";

fn schemas(document: &Value) -> &Map<String, Value> {
    document["components"]["schemas"].as_object().unwrap()
}

/// Every operation of the document, by method and path.
fn operations(document: &Value) -> BTreeMap<(String, String), &Value> {
    let mut all = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            all.insert((method.to_uppercase(), path.clone()), operation);
        }
    }
    all
}

/// Calls `look` with every value inside `value`, and the key it stands under.
fn walk<'a>(key: &'a str, value: &'a Value, look: &mut impl FnMut(&'a str, &'a Value)) {
    look(key, value);
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(key, value)| walk(key, value, look)),
        Value::Array(items) => items.iter().for_each(|item| walk(key, item, look)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_document_has_the_routes_of_the_table_and_no_others() {
    let document = document(URL);
    let described: BTreeSet<(String, String)> = operations(&document).into_keys().collect();
    let served: BTreeSet<(String, String)> = ROUTES
        .iter()
        .map(|entry| (entry.method.to_string(), entry.path.to_owned()))
        .collect();
    assert_eq!(described, served);
}

#[test]
fn each_route_is_described_with_the_role_that_the_table_wants() {
    let document = document(URL);
    let operations = operations(&document);
    for entry in ROUTES {
        let name = format!("{} {}", entry.method, entry.path);
        let operation = operations[&(entry.method.to_string(), entry.path.to_owned())];
        match entry.access {
            Access::Open | Access::Signed => {
                assert_eq!(operation["security"], serde_json::json!([]), "{name}");
                assert!(operation.get("x-role").is_none(), "{name}");
            }
            Access::Key(role) => {
                let wanted = serde_json::json!([{ "apiKey": [role.as_str()] }]);
                assert_eq!(operation["security"], wanted, "{name}");
                assert_eq!(operation["x-role"], role.as_str(), "{name}");
            }
        }
        let keyed = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["$ref"] == "#/components/parameters/IdempotencyKey");
        assert_eq!(
            keyed,
            entry.method == "POST" && entry.access != Access::Signed,
            "{name}"
        );
    }
}

#[test]
fn each_route_describes_the_parts_of_its_path_its_answers_and_itself() {
    let mut ids = BTreeSet::new();
    for entry in ROUTES {
        let (operation, name) = (entry.operation, format!("{} {}", entry.method, entry.path));
        let parts: Vec<&str> = entry
            .path
            .split('{')
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap())
            .collect();
        let described: Vec<&str> = operation.path.iter().map(|part| part.name).collect();
        assert_eq!(parts, described, "{name}");
        assert!(
            ids.insert(operation.id),
            "{name}: {} names two routes",
            operation.id
        );
        assert!(
            !operation.summary.is_empty() && !operation.summary.ends_with('.'),
            "{name}"
        );
        assert!(
            operation.answers.iter().all(|reply| reply.status < 300),
            "{name}"
        );
        assert!(
            !operation.answers.is_empty(),
            "{name} says nothing of its answer"
        );
        for one in operation
            .path
            .iter()
            .chain(operation.query)
            .chain(operation.headers)
        {
            assert!(!one.about.is_empty(), "{name}: {}", one.name);
        }
    }
    for tag in Tag::ALL {
        let used = ROUTES.iter().any(|entry| entry.operation.tag == tag);
        assert!(used, "{} has no route: take the tag out", tag.name());
    }
}

#[test]
fn every_reference_leads_to_a_component_and_every_component_is_used() {
    let document = document(URL);
    let mut used = BTreeSet::new();
    walk("", &document, &mut |key, value| {
        if key == "$ref" {
            let target = value.as_str().unwrap().strip_prefix('#').unwrap();
            assert!(document.pointer(target).is_some(), "{target} is nowhere");
            used.insert(target.to_owned());
        }
    });
    for kind in ["schemas", "parameters", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let target = format!("/components/{kind}/{name}");
            assert!(used.contains(&target), "{target} is used nowhere");
        }
    }
}

/// What else would look the same to a person and say nothing to a program.
#[test]
fn schemas_are_made_of_keywords_that_our_tests_understand() {
    let known = [
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "default",
        "description",
        "enum",
        "examples",
        "format",
        "items",
        "maxLength",
        "maximum",
        "minLength",
        "minimum",
        "pattern",
        "properties",
        "required",
        "type",
    ];
    fn check(schema: &Value, known: &[&str]) {
        for (keyword, value) in schema.as_object().unwrap() {
            assert!(known.contains(&keyword.as_str()), "{keyword} in {schema}");
            match keyword.as_str() {
                "properties" => value
                    .as_object()
                    .unwrap()
                    .values()
                    .for_each(|one| check(one, known)),
                "anyOf" | "allOf" => value
                    .as_array()
                    .unwrap()
                    .iter()
                    .for_each(|one| check(one, known)),
                "items" => check(value, known),
                "additionalProperties" if value.is_object() => check(value, known),
                _ => {}
            }
        }
    }
    let document = document(URL);
    for schema in schemas(&document).values() {
        check(schema, &known);
    }
    walk("", &document["paths"], &mut |key, value| {
        if key == "schema" {
            check(value, &known);
        }
    });
}

#[test]
fn fields_of_answers_are_always_there_and_nothing_else_is_taken() {
    let document = document(URL);
    let all = schemas(&document);
    for (name, schema) in all {
        let Some(fields) = schema["properties"].as_object() else {
            continue;
        };
        let required = schema["required"].as_array().map_or(0, Vec::len);
        if schema["additionalProperties"] == false {
            assert!(
                name.ends_with("Request") || name.ends_with("Report"),
                "{name}"
            );
        } else {
            // Only a refusal by the policy has these two.
            let left_out = if name == "Problem" { 2 } else { 0 };
            assert_eq!(fields.len(), required + left_out, "{name}");
        }
    }
    assert_eq!(
        all["CancellationRequest"]["required"],
        serde_json::json!(["requested_by"])
    );
    let nullable = &all["Event"]["properties"]["processed_at"];
    assert_eq!(nullable["type"], serde_json::json!(["string", "null"]));
    assert_eq!(nullable["format"], "date-time");
}

#[test]
fn every_code_of_a_problem_stands_at_the_routes_that_have_it() {
    let document = document(URL);
    let mut described = BTreeSet::new();
    for operation in operations(&document).into_values() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let Some(problem) = response["content"].get("application/problem+json") else {
                continue;
            };
            for code in problem["schema"]["properties"]["code"]["enum"]
                .as_array()
                .unwrap()
            {
                let code = code.as_str().unwrap();
                let known = Code::all().find(|known| known.as_str() == code).unwrap();
                assert_eq!(known.status().as_str(), status, "{code}");
                assert!(response["description"].as_str().unwrap().contains(code));
                described.insert(code.to_owned());
            }
        }
    }
    // Of no route: another method than the path has.
    described.insert(Code::MethodNotAllowed.as_str().to_owned());
    let all: BTreeSet<String> = Code::all().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(described, all);
}

#[test]
fn an_example_is_written_in_the_order_of_the_fields() {
    let document = document(URL);
    let all = schemas(&document);
    let money = Example::of(&all["Money"], all);
    assert_eq!(
        money.to_string(),
        r#"{"amount": "249.00", "currency": "SEK"}"#
    );
    assert_eq!(
        format!("{money:#}"),
        "{\n  \"amount\": \"249.00\",\n  \"currency\": \"SEK\"\n}"
    );
    let body = Example::of(&all["CancellationRequest"], all).to_string();
    assert!(body.starts_with(r#"{"requested_by": "customer""#), "{body}");
}

#[test]
fn the_page_shows_every_route_and_code_and_needs_nothing_from_elsewhere() {
    let page = page::page(URL).unwrap();
    let document = document(URL);
    for entry in ROUTES {
        let operation = entry.operation;
        assert!(
            page.contains(&format!("id=\"{}\"", operation.id)),
            "{}",
            operation.id
        );
        assert!(
            page.contains(&format!("<code>{}</code>", entry.path)),
            "{}",
            entry.path
        );
        for parameter in operation.query {
            assert!(page.contains(&format!("<code>{}</code>", parameter.name)));
        }
    }
    for name in schemas(&document).keys() {
        assert!(page.contains(&format!("id=\"object-{name}\"")), "{name}");
    }
    for code in Code::all().filter(|code| *code != Code::MethodNotAllowed) {
        assert!(
            page.contains(&format!("<code>{}</code>", code.as_str())),
            "{}",
            code.as_str()
        );
    }
    for foreign in [
        "<script",
        "<style",
        "style=",
        "src=\"http",
        "href=\"http",
        "onclick",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    // Every link inside the page leads somewhere in it.
    for link in page.split("href=\"#").skip(1) {
        let anchor = link.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{anchor}\"")), "#{anchor}");
    }
    let ids: Vec<&str> = page
        .split(" id=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(
        ids.iter().collect::<BTreeSet<_>>().len(),
        ids.len(),
        "an anchor stands twice"
    );
}

#[test]
fn what_a_setting_says_is_text_on_the_page() {
    let page = page::page("http://x/\"><script>").unwrap();
    assert!(!page.contains("<script>"), "{page}");
}
