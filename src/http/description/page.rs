//! The same description as a page: made on the server, readable without JavaScript.

use super::document::document;
use super::example::Example;
use super::shape::{Field, Presence, Shape, fields};
use super::{access_sentence, problems};
use crate::http::operation::{Content, Operation, Parameter, Tag};
use crate::http::{Access, Entry, ROUTES};
use actix_web::http::Method;
use askama::Template;
use serde_json::{Map, Value};

/// The page for a service that is reached at `public_url`.
pub fn page(public_url: &str) -> Result<String, askama::Error> {
    let document = document(public_url);
    let nothing = Map::new();
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .unwrap_or(&nothing);
    let making = Making {
        public_url,
        document: &document,
        schemas,
    };
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    Page {
        version: env!("CARGO_PKG_VERSION"),
        about: text("/info/description")
            .unwrap_or_default()
            .split("\n\n")
            .map(prose)
            .collect(),
        keys: prose(text("/components/securitySchemes/apiKey/description").unwrap_or_default()),
        groups: Tag::ALL.map(|tag| making.group(tag)).into(),
        objects: schemas
            .iter()
            .map(|(name, schema)| object(name, schema))
            .collect(),
    }
    .render()
}

#[derive(Template)]
#[template(path = "docs/page.html")]
struct Page {
    version: &'static str,
    about: Vec<Prose>,
    keys: Prose,
    groups: Vec<Group>,
    objects: Vec<Object>,
}

struct Group {
    name: &'static str,
    anchor: String,
    about: Prose,
    routes: Vec<Route>,
}

struct Route {
    anchor: &'static str,
    method: String,
    path: &'static str,
    summary: &'static str,
    about: Prose,
    access: String,
    parameters: Vec<Row>,
    /// What the body is, and its fields.
    body: Option<(&'static str, Vec<Row>)>,
    answers: Vec<Answer>,
    refusals: Vec<Refusal>,
    curl: String,
    /// Of the first answer.
    sample: Option<String>,
}

/// A parameter or a field.
struct Row {
    name: String,
    shape: Shape,
    /// Where it stands or whether it must be there.
    note: &'static str,
    about: Prose,
}

struct Answer {
    status: u16,
    about: &'static str,
    shape: Option<Shape>,
}

struct Refusal {
    status: u16,
    code: &'static str,
    title: &'static str,
}

struct Object {
    name: String,
    about: Prose,
    rows: Vec<Row>,
    words: Vec<String>,
}

/// Text with pieces of code, as it stands between backticks.
type Prose = Vec<Piece>;

struct Piece {
    text: String,
    is_code: bool,
}

fn prose(text: &str) -> Prose {
    let pieces = text.split('`').enumerate();
    pieces
        .filter(|(_, text)| !text.is_empty())
        .map(|(position, text)| Piece {
            text: text.to_owned(),
            is_code: position % 2 == 1,
        })
        .collect()
}

struct Making<'a> {
    public_url: &'a str,
    document: &'a Value,
    schemas: &'a Map<String, Value>,
}

impl Making<'_> {
    fn group(&self, tag: Tag) -> Group {
        let routes = ROUTES.iter().filter(|entry| entry.operation.tag == tag);
        Group {
            name: tag.name(),
            anchor: tag.name().to_lowercase().replace(' ', "-"),
            about: prose(tag.about()),
            routes: routes.map(|entry| self.route(entry)).collect(),
        }
    }

    fn route(&self, entry: &Entry) -> Route {
        let operation = entry.operation;
        let made = self.made(entry);
        let body = made.pointer("/requestBody/content/application~1json/schema");
        let sent = body.map(|schema| self.schema(schema));
        let sample = sent.map(|schema| Example::of(schema, self.schemas));
        let takes = operation.body.as_ref().zip(sent);
        Route {
            anchor: operation.id,
            method: entry.method.to_string(),
            path: entry.path,
            summary: operation.summary,
            about: prose(operation.about),
            access: access_sentence(entry.access),
            parameters: parameters(operation, made),
            body: takes
                .map(|(body, schema)| (body.about, rows(schema)))
                .or(operation.file.map(|about| (about, Vec::new()))),
            answers: operation
                .answers
                .iter()
                .map(|reply| Answer {
                    status: reply.status,
                    about: reply.about,
                    shape: answer_schema(made, reply.status).map(Shape::of),
                })
                .collect(),
            refusals: refusals(entry),
            curl: self.curl(entry, sample.as_ref()),
            sample: operation
                .answers
                .first()
                .and_then(|reply| match reply.content {
                    Content::Json(_) | Content::Report(_) => answer_schema(made, reply.status)
                        .map(|schema| format!("{:#}", Example::of(schema, self.schemas))),
                    Content::Text(_) | Content::Export => None,
                }),
        }
    }

    /// The route in the document.
    fn made(&self, entry: &Entry) -> &Value {
        let method = entry.method.as_str().to_lowercase();
        let paths = self.document.get("paths");
        let path = paths.and_then(|paths| paths.get(entry.path));
        path.and_then(|path| path.get(&method))
            .unwrap_or(&Value::Null)
    }

    fn schema<'a>(&'a self, schema: &'a Value) -> &'a Value {
        super::shape::resolved(schema, self.schemas)
    }

    /// The call in a shell.
    fn curl(&self, entry: &Entry, body: Option<&Example>) -> String {
        let operation = entry.operation;
        let path = operation
            .path
            .iter()
            .fold(entry.path.to_owned(), |path, part| {
                path.replace(&format!("{{{}}}", part.name), part.example)
            });
        let mut lines = vec!["curl".to_owned()];
        if let Access::Key(_) = entry.access {
            lines.push("-H \"Authorization: Bearer $KEY\"".to_owned());
            if entry.method == Method::POST {
                lines.push("-H 'Idempotency-Key: 4711'".to_owned());
            }
        }
        for header in operation.headers {
            lines.push(format!("-H '{}: {}'", header.name, header.example));
        }
        match body {
            Some(body) => {
                lines.push("-H 'Content-Type: application/json'".to_owned());
                lines.push(format!("-d '{body}'"));
            }
            None if operation.file.is_some() => lines.push("--data-binary @FILE".to_owned()),
            None if entry.method == Method::POST => lines.push("-X POST".to_owned()),
            None => {}
        }
        lines.push(format!("'{}{path}{}'", self.public_url, operation.example));
        lines.join(" \\\n  ")
    }
}

fn answer_schema(made: &Value, status: u16) -> Option<&Value> {
    made.pointer(&format!("/responses/{status}/content"))?
        .as_object()?
        .values()
        .next()?
        .get("schema")
}

/// Parameters of the route itself; those that every route has are told once.
fn parameters(operation: &Operation, made: &Value) -> Vec<Row> {
    let described = made.get("parameters").and_then(Value::as_array);
    let schema = |name: &str| {
        let mut all = described.into_iter().flatten();
        all.find(|one| one.get("name").and_then(Value::as_str) == Some(name))?
            .get("schema")
    };
    let row = |note: &'static str| {
        move |one: &Parameter| Row {
            name: one.name.to_owned(),
            shape: schema(one.name).map(Shape::of).unwrap_or_default(),
            note,
            about: prose(one.about),
        }
    };
    let path = operation.path.iter().map(row("path"));
    let query = operation.query.iter().map(row("query"));
    let headers = operation.headers.iter().map(row("header"));
    path.chain(query).chain(headers).collect()
}

fn rows(schema: &Value) -> Vec<Row> {
    let row = |field: Field<'_>| Row {
        name: field.name.to_owned(),
        shape: Shape::of(field.schema),
        note: match field.presence {
            Presence::Required => "required",
            Presence::Optional => "optional",
        },
        about: described(field.schema),
    };
    fields(schema).into_iter().map(row).collect()
}

fn described(schema: &Value) -> Prose {
    let text = schema.get("description").and_then(Value::as_str);
    prose(text.unwrap_or_default())
}

fn object(name: &str, schema: &Value) -> Object {
    let words = schema.get("enum").and_then(Value::as_array);
    Object {
        name: name.to_owned(),
        about: described(schema),
        rows: rows(schema),
        words: words
            .into_iter()
            .flatten()
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect(),
    }
}

fn refusals(entry: &Entry) -> Vec<Refusal> {
    let by_status = problems(entry).into_iter();
    by_status
        .flat_map(|(status, codes)| {
            codes.into_iter().map(move |code| Refusal {
                status,
                code: code.as_str(),
                title: code.title(),
            })
        })
        .collect()
}
