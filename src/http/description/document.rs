//! The OpenAPI 3.1 document.

use super::shape::kind;
use super::{access_sentence, by_path, is_idempotent_by_key, problems};
use crate::app::api_keys::Role;
use crate::exports::formats::FORMATS;
use crate::http::Entry;
use crate::http::api::reports::SVG;
use crate::http::auth::Access;
use crate::http::operation::{Content, Parameter, Reply, Tag};
use crate::http::problem::{self, Code};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// What is true of every route.
const ABOUT: &str = "\
Money is a decimal string with its currency, times are RFC 3339 in UTC, and days (`from`, `to`, `as_of`) \
are inclusive calendar days in the setting `time_zone`. A field that does not apply is null, never left \
out. Ids in paths and bodies may be ours or the provider's.\n\n\
A query parameter or field that a route does not know is refused, and so is one that is given twice. \
Errors are `application/problem+json` with a stable `code`. A path that is no route answers 404 \
`not_found`, another method than a path has 405 `method_not_allowed` with the header `Allow`; both stand \
here once, and not at every route.\n\n\
The pages under `/account` are HTML for a company's customers and are not described here.";

/// Makes the document for a service that is reached at `public_url`.
pub fn document(public_url: &str) -> Value {
    let mut making = Making::new();
    let mut paths = Map::new();
    for (path, entries) in by_path() {
        let operations = entries.into_iter().map(|entry| {
            let method = entry.method.as_str().to_lowercase();
            (method, making.operation(entry))
        });
        paths.insert(path.to_owned(), Value::Object(operations.collect()));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Avstem",
            "summary": env!("CARGO_PKG_DESCRIPTION"),
            "description": ABOUT,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache License 2.0", "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": public_url }],
        "tags": Tag::ALL.map(|tag| json!({ "name": tag.name(), "description": tag.about() })),
        "paths": paths,
        "components": {
            "schemas": making.schemas(),
            "parameters": shared_parameters(),
            "headers": shared_headers(),
            "securitySchemes": { "apiKey": api_key() },
        },
    })
}

/// Collects the types that operations are made of.
struct Making {
    /// Fields of answers are always there.
    gives: SchemaGenerator,
    /// Optional fields of requests may be left out.
    takes: SchemaGenerator,
}

impl Making {
    fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
        });
        Self {
            gives: settings.clone().for_serialize().into_generator(),
            takes: settings.for_deserialize().into_generator(),
        }
    }

    fn schemas(mut self) -> Map<String, Value> {
        let mut schemas = self.takes.take_definitions(true);
        schemas.extend(self.gives.take_definitions(true));
        schemas.sort_keys();
        schemas
    }

    fn operation(&mut self, entry: &Entry) -> Value {
        let operation = entry.operation;
        let described = [operation.about, &access_sentence(entry.access)];
        let described: Vec<&str> = described
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        let mut made = json!({
            "operationId": operation.id,
            "tags": [operation.tag.name()],
            "summary": operation.summary,
            "description": described.join(" "),
            "parameters": self.parameters(entry),
            "responses": self.responses(entry),
            "security": security(entry.access),
        });
        if let (Access::Key(role), Some(made)) = (entry.access, made.as_object_mut()) {
            made.insert("x-role".to_owned(), json!(role.as_str()));
        }
        if let (Some(body), Some(made)) = (&operation.body, made.as_object_mut()) {
            let schema = (body.schema)(&mut self.takes);
            let content = json!({
                "description": body.about,
                "required": true,
                "content": { "application/json": { "schema": schema } },
            });
            made.insert("requestBody".to_owned(), content);
        }
        if let (Some(about), Some(made)) = (operation.file, made.as_object_mut()) {
            let content = json!({
                "description": about,
                "required": true,
                "content": { "application/octet-stream": { "schema": {} } },
            });
            made.insert("requestBody".to_owned(), content);
        }
        made
    }

    fn parameters(&mut self, entry: &Entry) -> Vec<Value> {
        let operation = entry.operation;
        let mut made = Vec::new();
        for (place, parameters) in [
            ("path", operation.path),
            ("query", operation.query),
            ("header", operation.headers),
        ] {
            made.extend(parameters.iter().map(|one| self.parameter(place, one)));
        }
        if is_idempotent_by_key(entry) {
            made.push(json!({ "$ref": "#/components/parameters/IdempotencyKey" }));
        }
        made.push(json!({ "$ref": "#/components/parameters/RequestId" }));
        made
    }

    fn parameter(&mut self, place: &str, parameter: &Parameter) -> Value {
        let schema = (parameter.schema)(&mut self.takes).to_value();
        let mut made = json!({
            "name": parameter.name,
            "in": place,
            "description": parameter.about,
            "required": place == "path",
            "schema": schema,
        });
        if let (false, Some(made)) = (parameter.example.is_empty(), made.as_object_mut()) {
            // What stands in a URL as text may be a number to its schema.
            let number = parameter.example.parse::<i64>().ok();
            let number = number.filter(|_| kind(&schema) == Some("integer"));
            let example = number.map_or_else(|| json!(parameter.example), Value::from);
            made.insert("example".to_owned(), example);
        }
        made
    }

    fn responses(&mut self, entry: &Entry) -> Map<String, Value> {
        let mut made = Map::new();
        for reply in entry.operation.answers {
            made.insert(reply.status.to_string(), self.reply(entry, reply));
        }
        for (status, codes) in problems(entry) {
            made.insert(status.to_string(), self.refusal(status, &codes));
        }
        made
    }

    fn reply(&mut self, entry: &Entry, reply: &Reply) -> Value {
        let mut headers = headers(&["X-Request-Id"]);
        if is_idempotent_by_key(entry) {
            headers.extend(self::headers(&["Idempotent-Replayed"]));
        }
        let mut content = Map::new();
        let text = json!({ "schema": { "type": "string" } });
        match reply.content {
            Content::Json(schema) => {
                let schema = schema(&mut self.gives);
                content.insert("application/json".to_owned(), json!({ "schema": schema }));
            }
            Content::Report(schema) => {
                let schema = schema(&mut self.gives);
                content.insert("application/json".to_owned(), json!({ "schema": schema }));
                content.insert(SVG.to_owned(), text);
            }
            Content::Text(media_type) => {
                content.insert(media_type.to_owned(), text);
            }
            Content::Export => {
                headers.extend(self::headers(&["Content-Disposition"]));
                let kinds = FORMATS.iter().map(|format| format.media_type.to_owned());
                content.extend(kinds.map(|kind| (kind, text.clone())));
            }
        }
        json!({ "description": reply.about, "headers": headers, "content": content })
    }

    /// All problems of one status: which codes it can have.
    fn refusal(&mut self, status: u16, codes: &[Code]) -> Value {
        let lines = codes
            .iter()
            .map(|code| format!("- `{}`: {}.", code.as_str(), code.title()));
        let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        let more: &[&str] = match status {
            401 => &["WWW-Authenticate"],
            409 | 503 => &["Retry-After"],
            _ => &[],
        };
        let mut headers = headers(&["X-Request-Id"]);
        headers.extend(self::headers(more));
        json!({
            "description": lines.collect::<Vec<_>>().join("\n"),
            "headers": headers,
            "content": { "application/problem+json": { "schema": {
                "allOf": [self.gives.subschema_for::<problem::Body<'static>>()],
                "properties": { "status": { "const": status }, "code": { "enum": names } },
            } } },
        })
    }
}

/// OpenAPI 3.1 lets a scheme without scopes name roles.
fn security(access: Access) -> Value {
    match access {
        Access::Open | Access::Signed => json!([]),
        Access::Key(role) => json!([{ "apiKey": [role.as_str()] }]),
    }
}

fn api_key() -> Value {
    let includes = |role: Role| {
        let others = Role::ALL
            .into_iter()
            .filter(|other| *other != role && role.may(*other));
        let others: Vec<String> = others
            .map(|other| format!("`{}`", other.as_str()))
            .collect();
        match others.as_slice() {
            [] => format!("`{}`", role.as_str()),
            others => format!("`{}` (includes {})", role.as_str(), others.join(", ")),
        }
    };
    let roles = Role::ALL.map(includes).join(", ");
    json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "avkey_<id>_<secret>",
        "description": format!("An API key, made with `avstem keys create --role ROLE --name NAME`. Roles: {roles}. The role that a route needs stands in its `security` and in `x-role`."),
    })
}

fn shared_parameters() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "Makes a repeat safe, per API key: the same key with the same method, path, query and body gives the same answer again, and with anything else 422.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
        },
        "RequestId": {
            "name": "X-Request-Id",
            "in": "header",
            "required": false,
            "description": "Your own name for the request, to find it again in our log; anything that does not fit is replaced.",
            "schema": { "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$" },
        },
    })
}

fn headers(names: &[&str]) -> Map<String, Value> {
    let reference = |name: &&str| {
        let component = name.replace('-', "");
        let target = format!("#/components/headers/{component}");
        ((*name).to_owned(), json!({ "$ref": target }))
    };
    names.iter().map(reference).collect()
}

fn shared_headers() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "XRequestId": { "description": "Names the request in our log.", "required": true, "schema": text },
        "RetryAfter": { "description": "Seconds to wait before the same request is sent again.", "schema": { "type": "integer" } },
        "WWWAuthenticate": { "description": "The scheme that is wanted.", "schema": text },
        "IdempotentReplayed": { "description": "`true` when the answer was kept from an earlier request with the same Idempotency-Key.", "schema": text },
        "ContentDisposition": { "description": "The file's name.", "required": true, "schema": text },
    })
}
