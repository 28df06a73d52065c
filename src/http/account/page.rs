//! From what was made to a response: the frame around every page, its headers, and the pages that say
//! that something could not be done.

use super::session::{self, Transport};
use crate::app::account::Visit;
use crate::config::Locale;
use crate::i18n::Speech;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;
use secrecy::SecretString;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What stands around the content of a page.
#[derive(Debug, Clone)]
pub struct Frame {
    pub t: Speech,
    /// Of someone who is signed in.
    pub signed_in: Option<SignedIn>,
}

#[derive(Debug, Clone)]
pub struct SignedIn {
    pub form_token: String,
    /// The page's own path, to come back to.
    pub path: String,
    pub return_url: Option<String>,
}

impl Frame {
    pub fn of_visit(visit: &Visit, t: Speech, path: &str) -> Self {
        let http = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
        let signed_in = SignedIn {
            form_token: visit.form_token().to_owned(),
            path: path.to_owned(),
            return_url: visit.return_url().filter(http).map(str::to_owned),
        };
        Self {
            t,
            signed_in: Some(signed_in),
        }
    }

    pub const fn of_stranger(t: Speech) -> Self {
        Self { t, signed_in: None }
    }

    pub fn lang(&self) -> &'static str {
        self.t.locale.as_str()
    }

    pub fn other_lang(&self) -> &'static str {
        match self.t.locale {
            Locale::Sv => Locale::En.as_str(),
            Locale::En => Locale::Sv.as_str(),
        }
    }
}

/// A response, before it is one.
pub struct Answer {
    status: StatusCode,
    content: Content,
    cookie: Option<Cookie>,
    transport: Transport,
}

enum Content {
    Page(String),
    SeeOther(String),
    /// To be kept as a file of this name.
    Text {
        name: String,
        text: String,
    },
}

pub enum Cookie {
    Set(SecretString),
    Clear,
}

impl Answer {
    pub fn page(status: StatusCode, page: &impl Template) -> Result<Self, Trouble> {
        match page.render() {
            Ok(html) => Ok(Self::of(status, Content::Page(html))),
            Err(error) => {
                tracing::error!(cause = %error, "A template failed");
                Err(Trouble::Failed)
            }
        }
    }

    pub fn to(path: impl Into<String>) -> Self {
        Self::of(StatusCode::SEE_OTHER, Content::SeeOther(path.into()))
    }

    pub fn text(name: String, text: String) -> Self {
        Self::of(StatusCode::OK, Content::Text { name, text })
    }

    /// When not even a page that says so can be made.
    pub fn broken() -> Self {
        Self::of(
            StatusCode::INTERNAL_SERVER_ERROR,
            Content::Page(String::new()),
        )
    }

    const fn of(status: StatusCode, content: Content) -> Self {
        Self {
            status,
            content,
            cookie: None,
            transport: Transport::Plain,
        }
    }

    pub fn with(mut self, cookie: Cookie) -> Self {
        self.cookie = Some(cookie);
        self
    }

    pub const fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    pub fn response(self) -> HttpResponse {
        let mut builder = HttpResponse::build(self.status);
        careful(&mut builder).insert_header((header::CACHE_CONTROL, "no-store"));
        match &self.cookie {
            Some(Cookie::Set(token)) => {
                builder.insert_header((
                    header::SET_COOKIE,
                    session::set_cookie(self.transport, token),
                ));
            }
            Some(Cookie::Clear) => {
                builder.insert_header((header::SET_COOKIE, session::clear_cookie(self.transport)));
            }
            None => {}
        }
        match self.content {
            Content::Page(html) => builder
                .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
                .body(html),
            Content::SeeOther(path) => builder.insert_header((header::LOCATION, path)).finish(),
            Content::Text { name, text } => builder
                .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
                .insert_header((
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{name}\""),
                ))
                .body(text),
        }
    }
}

/// The headers of everything under `/account`.
pub fn careful(builder: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    builder
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
}

/// A path to go back to, if it is one of ours.
pub fn own_path(path: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '.');
    let ours = path == "/account" || path.starts_with("/account/");
    if ours && path.chars().all(plain) {
        path
    } else {
        "/account"
    }
}

/// Why a page says something else than was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    SignedOut,
    LinkUsed,
    /// There is no such thing, or it is another customer's: nobody learns which.
    NotFound,
    FormUnreadable,
    FormForged,
    ProviderUnavailable,
    ProviderNotConfigured,
    Failed,
}

#[derive(Template)]
#[template(path = "account/message.html")]
struct MessagePage {
    frame: Frame,
    t: Speech,
    title: String,
    text: String,
    /// Where the same can be tried again.
    again: Option<String>,
}

impl Trouble {
    const fn status(self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::LinkUsed => StatusCode::GONE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::FormUnreadable => StatusCode::BAD_REQUEST,
            Self::FormForged => StatusCode::FORBIDDEN,
            Self::ProviderUnavailable | Self::ProviderNotConfigured => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn told(self, t: Speech) -> (String, String) {
        match self {
            Self::SignedOut => (t.text("signed-out-title"), t.text("signed-out")),
            Self::LinkUsed => (t.text("link-used-title"), t.text("link-used")),
            Self::NotFound => (t.text("not-found-title"), t.text("not-found")),
            Self::FormUnreadable => (t.text("form-bad-title"), t.text("form-bad")),
            Self::FormForged => (t.text("form-forged-title"), t.text("form-forged")),
            Self::ProviderUnavailable => (t.text("unavailable-title"), t.text("unavailable")),
            Self::ProviderNotConfigured => (t.text("unavailable-title"), t.text("not-configured")),
            Self::Failed => (t.text("failed-title"), t.text("failed")),
        }
    }

    pub fn answer(self, frame: &Frame) -> Answer {
        let t = frame.t;
        let (title, text) = self.told(t);
        let path = frame
            .signed_in
            .as_ref()
            .map(|signed_in| signed_in.path.clone());
        let again = path.filter(|_| self == Self::ProviderUnavailable);
        let page = MessagePage {
            frame: frame.clone(),
            t,
            title,
            text,
            again,
        };
        Answer::page(self.status(), &page).unwrap_or(Answer::broken())
    }
}

/// To whom has signed out.
pub fn goodbye(t: Speech) -> Result<Answer, Trouble> {
    let (title, text) = (t.text("goodbye-title"), t.text("goodbye"));
    let page = MessagePage {
        frame: Frame::of_stranger(t),
        t,
        title,
        text,
        again: None,
    };
    Answer::page(StatusCode::OK, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_from_a_form_stays_on_the_account_page() {
        for ours in ["/account", "/account/subscriptions/avsub_1/cancel"] {
            assert_eq!(own_path(ours), ours);
        }
        for other in [
            "",
            "/",
            "/accounts",
            "//evil.example/account",
            "/account/\r\nX: y",
            "/account/?a",
            "https://evil.example",
        ] {
            assert_eq!(own_path(other), "/account");
        }
    }
}
