//! What the service says of itself: for programs, and for people. Everything that the page needs comes
//! from here, so that it works where nothing else can be reached.

use super::Answer;
use crate::http::State;
use crate::http::description::{document, page};
use crate::http::operation::{Operation, Reply, Tag};
use crate::http::problem::Problem;
use crate::http::schema;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use std::sync::OnceLock;

pub const DOCUMENT: Operation = Operation::new(
    Tag::Operating,
    "openapi",
    "Describes every route for programs",
)
.about("An OpenAPI 3.1 document, made from the table that serves the requests.")
.gives(&[Reply::json::<schema::Document>(200, "The document.")]);

pub const PAGE: Operation =
    Operation::new(Tag::Operating, "docs", "Describes every route for people")
        .about("The same as a page, which needs no other host and no JavaScript.")
        .gives(&[Reply::text(HTML, "The page.")]);

pub const STYLE: Operation = Operation::new(Tag::Operating, "docs_style", "Styles that page")
    .gives(&[Reply::text(CSS, "The style sheet.")]);

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
/// Nothing runs, nothing is framed, nothing is sent; styles come from here.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Both, once somebody has asked: they are the same until the next start.
#[derive(Default)]
pub struct Described {
    document: OnceLock<String>,
    /// None when the page's template failed.
    page: OnceLock<Option<String>>,
}

pub async fn document(state: web::Data<State>) -> HttpResponse {
    let url = &state.app.config.public_url;
    let made = || document::document(url).to_string();
    let document = state.described.document.get_or_init(made);
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.clone())
}

pub async fn page(state: web::Data<State>) -> Answer {
    let url = &state.app.config.public_url;
    let made = || {
        page::page(url)
            .inspect_err(|error| tracing::error!(cause = %error, "A template failed"))
            .ok()
    };
    let page = state.described.page.get_or_init(made).clone();
    let page = page.ok_or_else(|| Problem::internal("the page of the API cannot be made"))?;
    Ok(HttpResponse::Ok()
        .content_type(HTML)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(page))
}

pub async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(CSS)
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(include_str!("../../../static/docs/docs.css"))
}
