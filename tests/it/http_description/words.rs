//! Parameters and fields that take one of a few words.

use super::*;

pub(super) fn words_that_are_described_are_taken_and_no_others(database: &Database) {
    let served = Served::tracking(database);
    let mut lists = 0;
    for (method, route, operation) in keyed() {
        let name = format!("{method} {route}");
        for parameter in parameters(operation, "query") {
            let Some(words) = plain(&parameter["schema"])["enum"].as_array() else {
                continue;
            };
            lists += 1;
            let ask = |word: &str| {
                let parameter = parameter["name"].as_str().unwrap();
                let target = format!("{}?{parameter}={word}", path(route));
                match method.as_str() {
                    // A file for nobody's connection or account.
                    "POST" if route.ends_with("settlements") => {
                        served.post(&format!("{target}&connection=nobodys"), &json!({}))
                    }
                    "POST" => served.post(&format!("{target}&account=nobodys"), &json!({})),
                    _ => served.get(&target),
                }
            };
            for word in words {
                let reply = ask(word.as_str().unwrap());
                assert!(matches!(reply.status, 200 | 404), "{name}: {word}");
            }
            assert_eq!(ask("nonsense").problem(400), "invalid_parameter", "{name}");
        }
        let Some(schema) = body(operation) else {
            continue;
        };
        let whole = filled(schema);
        for (field, of) in schema["properties"].as_object().unwrap() {
            let Some(words) = plain(of)["enum"].as_array() else {
                continue;
            };
            lists += 1;
            let ask = |word: &Value| {
                let mut body = whole.clone();
                body.insert(field.clone(), word.clone());
                served.post(&path(route), &json!(body))
            };
            for word in words {
                assert_eq!(ask(word).problem(404), "not_found", "{name}: {word}");
            }
            let nonsense = ask(&json!("nonsense"));
            assert_eq!(nonsense.problem(400), "invalid_parameter", "{name}");
        }
    }
    assert_eq!(lists, 15, "a list of words was added or taken away");
    let (_, export) = operation("GET", "/v1/exports/journal.csv").unwrap();
    let [kinds, formats] = ["kind", "format"].map(|name| {
        let mut parts = parameters(export, "path");
        let part = parts.find(|one| one["name"] == name).unwrap();
        plain(&part["schema"])["enum"].as_array().unwrap()
    });
    for (kind, format) in kinds
        .iter()
        .flat_map(|kind| formats.iter().map(move |f| (kind, f)))
    {
        let (kind, format) = (kind.as_str().unwrap(), format.as_str().unwrap());
        let target = format!("/v1/exports/{kind}.{format}");
        let fits = Format::parse(format)
            .unwrap()
            .fits(Kind::parse(kind).unwrap());
        let expected = if fits { 200 } else { 404 };
        assert_eq!(served.get(&target).status, expected, "{target}");
    }
}
