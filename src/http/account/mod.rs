//! The customer's page: every route of it, and who may come in.
//!
//! Server-rendered, without JavaScript; nothing is loaded from another host. A page is made on a
//! thread that may block, from a session's [`Visit`]; `page.rs` turns what was made into a response.

mod cancel;
mod cancellation;
mod charge;
mod overview;
mod page;
mod session;
mod subscription;

use super::State;
use crate::app::account::{self, Visit};
use crate::app::{App, Failure};
use crate::config::Locale;
use crate::i18n::Speech;
use actix_web::http::header;
use actix_web::web::{self, Data, Form, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse};
use cancel::CancelForm;
use page::{Answer, Cookie, Frame, Trouble};
use secrecy::ExposeSecret;
use serde::Deserialize;
use session::Caller;
use std::sync::Arc;

/// Adds every route of the account page.
pub fn configure(config: &mut ServiceConfig) {
    let scope = web::scope("/account")
        .route("", web::get().to(overview))
        .route("/static/account.css", web::get().to(style))
        .route("/static/icon.svg", web::get().to(icon))
        .route("/enter/{token}", web::get().to(enter))
        .route("/language", web::post().to(language))
        .route("/leave", web::post().to(leave))
        .route("/subscriptions/{id}", web::get().to(subscription))
        .route("/subscriptions/{id}/cancel", web::get().to(look))
        .route("/subscriptions/{id}/cancel", web::post().to(confirm))
        .route("/cancellations/{id}", web::get().to(cancellation))
        .route("/cancellations/{id}/receipt.txt", web::get().to(receipt))
        .default_service(web::to(nothing_here));
    config.service(scope);
}

/// What a page is made from, once its customer is known.
struct Desk<'a> {
    app: &'a App,
    caller: &'a Caller,
    visit: &'a Visit,
    frame: &'a Frame,
}

type Made = Result<Answer, Trouble>;

/// Makes a page for whoever is signed in; anyone else reads how to arrive.
async fn for_customer(
    state: &Data<State>,
    request: &HttpRequest,
    work: impl FnOnce(&Desk<'_>) -> Made + Send + 'static,
) -> HttpResponse {
    make(state, request, move |app, caller| {
        let visit = match visit(app, caller) {
            Ok(visit) => visit,
            Err(trouble) => return trouble.answer(&stranger(app, caller)),
        };
        let Some(visit) = visit else {
            return Trouble::SignedOut.answer(&stranger(app, caller));
        };
        let frame = Frame::of_visit(&visit, visit.speech(app), &caller.path);
        let desk = Desk {
            app,
            caller,
            visit: &visit,
            frame: &frame,
        };
        work(&desk).unwrap_or_else(|trouble| trouble.answer(&frame))
    })
    .await
}

/// Runs what blocks on a thread for it.
async fn make(
    state: &Data<State>,
    request: &HttpRequest,
    work: impl FnOnce(&App, &Caller) -> Answer + Send + 'static,
) -> HttpResponse {
    let app = Arc::clone(&state.app);
    let caller = Caller::of(request, &app.config);
    let transport = caller.transport;
    let span = tracing::Span::current();
    let made = web::block(move || span.in_scope(|| work(&app, &caller))).await;
    made.unwrap_or(Answer::broken()).over(transport).response()
}

fn visit(app: &App, caller: &Caller) -> Result<Option<Visit>, Trouble> {
    let Some(token) = &caller.session else {
        return Ok(None);
    };
    Ok(account::visit(app, token.expose_secret())?)
}

/// The frame for someone who is not signed in.
fn stranger(app: &App, caller: &Caller) -> Frame {
    Frame::of_stranger(Speech {
        locale: caller.locale,
        zone: app.config.time_zone,
    })
}

impl Desk<'_> {
    /// Every form is refused that this session did not hand out.
    fn check_form(&self, form_token: &str) -> Result<(), Trouble> {
        if self.caller.is_same_origin && session::same_token(form_token, self.visit.form_token()) {
            Ok(())
        } else {
            Err(Trouble::FormForged)
        }
    }
}

/// An id out of the path, ours or a provider's.
fn id(request: &HttpRequest) -> Result<String, Trouble> {
    let text = request.match_info().query("id");
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let fits = (1..=255).contains(&text.len()) && text.chars().all(known);
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Trouble::NotFound)
    }
}

async fn enter(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let link = request.match_info().query("token").to_owned();
    make(&state, &request, move |app, caller| {
        let old = caller.session.as_ref().map(|token| token.expose_secret());
        match account::enter(app, &link, old) {
            Ok(Some(token)) => Answer::to("/account").with(Cookie::Set(token)),
            // Whoever opens a link twice is still signed in from the first time.
            Ok(None) => match visit(app, caller) {
                Ok(Some(visit)) => Trouble::LinkUsed.answer(&Frame::of_visit(
                    &visit,
                    visit.speech(app),
                    "/account",
                )),
                Ok(None) | Err(_) => Trouble::LinkUsed.answer(&stranger(app, caller)),
            },
            Err(failure) => Trouble::from(failure).answer(&stranger(app, caller)),
        }
    })
    .await
}

async fn overview(state: Data<State>, request: HttpRequest) -> HttpResponse {
    for_customer(&state, &request, overview::page).await
}

async fn subscription(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    for_customer(&state, &request, move |desk| subscription::page(desk, &id?)).await
}

async fn look(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    for_customer(&state, &request, move |desk| cancel::look(desk, &id?)).await
}

async fn confirm(
    state: Data<State>,
    request: HttpRequest,
    form: Result<Form<CancelForm>, Error>,
) -> HttpResponse {
    let (id, form) = (id(&request), read(form));
    for_customer(&state, &request, move |desk| {
        cancel::confirm(desk, &id?, form?)
    })
    .await
}

async fn cancellation(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    for_customer(&state, &request, move |desk| cancellation::page(desk, &id?)).await
}

async fn receipt(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    for_customer(&state, &request, move |desk| {
        cancellation::receipt(desk, &id?)
    })
    .await
}

#[derive(Deserialize)]
struct LanguageForm {
    form_token: String,
    locale: String,
    /// The page to go back to.
    back: String,
}

async fn language(
    state: Data<State>,
    request: HttpRequest,
    form: Result<Form<LanguageForm>, Error>,
) -> HttpResponse {
    let form = read(form);
    for_customer(&state, &request, move |desk| {
        let form = form?;
        desk.check_form(&form.form_token)?;
        let locale = [Locale::Sv, Locale::En]
            .into_iter()
            .find(|locale| locale.as_str() == form.locale);
        account::speak(desk.app, desk.visit, locale.ok_or(Trouble::FormUnreadable)?)?;
        Ok(Answer::to(page::own_path(&form.back)))
    })
    .await
}

#[derive(Deserialize)]
struct LeaveForm {
    form_token: String,
}

async fn leave(
    state: Data<State>,
    request: HttpRequest,
    form: Result<Form<LeaveForm>, Error>,
) -> HttpResponse {
    let form = read(form);
    for_customer(&state, &request, move |desk| {
        desk.check_form(&form?.form_token)?;
        account::leave(desk.app, desk.visit)?;
        Ok(page::goodbye(desk.frame.t)?.with(Cookie::Clear))
    })
    .await
}

fn read<T>(form: Result<Form<T>, Error>) -> Result<T, Trouble> {
    form.map(Form::into_inner)
        .map_err(|_| Trouble::FormUnreadable)
}

async fn nothing_here(state: Data<State>, request: HttpRequest) -> HttpResponse {
    for_customer(&state, &request, |_| Err(Trouble::NotFound)).await
}

async fn style() -> HttpResponse {
    asset(
        "text/css; charset=utf-8",
        include_str!("../../../static/account/account.css"),
    )
}

async fn icon() -> HttpResponse {
    asset(
        "image/svg+xml",
        include_str!("../../../static/account/icon.svg"),
    )
}

fn asset(kind: &'static str, text: &'static str) -> HttpResponse {
    page::careful(&mut HttpResponse::Ok())
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(text)
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let mut cause = failure.to_string();
        let mut source = std::error::Error::source(&failure);
        while let Some(error) = source {
            cause.push_str(": ");
            cause.push_str(&error.to_string());
            source = error.source();
        }
        tracing::error!(cause, "A page of an account could not be made");
        Self::Failed
    }
}

#[cfg(test)]
mod tests;
