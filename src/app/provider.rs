//! A connection of the settings together with its provider's adapter.

use super::{App, Failure};
use crate::config::Connection;
use crate::gateway::{Answer, CallError, Gateway, NoKey};
use avstem_domain::time::Timestamp;
use avstem_webhooks::outbound::{Ask, HttpRequest, Outcome, Refusal, Uncertainty};
use avstem_webhooks::{Observation, Provider, providers};
use std::collections::BTreeSet;

/// Everything needed to talk with one account at one provider.
pub struct Link<'a> {
    app: &'a App,
    pub connection: &'a Connection,
    pub provider: &'static dyn Provider,
}

/// What one answer gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub observations: Vec<Observation>,
    /// As the provider wrote them.
    pub documents: Vec<Vec<u8>>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A read that gave no facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// The provider has no such object.
    NotFound,
    /// Try again later: no answer, overload, an answer that cannot be read.
    Later {
        why: String,
        retry_after_s: Option<u64>,
    },
    /// A person must mend something first; trying again may then pass.
    NeedsPerson { why: String },
}

/// A connection's link. Errors when the settings have no such connection, or no adapter for it.
pub fn link<'a>(app: &'a App, connection: &str) -> Result<Link<'a>, Failure> {
    let unknown = || Failure::UnknownConnection(connection.to_owned());
    let connection = app.config.connections.get(connection).ok_or_else(unknown)?;
    let provider = providers::by_name(connection.provider).ok_or_else(unknown)?;
    Ok(Link {
        app,
        connection,
        provider,
    })
}

impl Link<'_> {
    /// One call; crosses a seam on each side of it.
    pub fn ask(&self, ask: &Ask) -> Result<Answer, Failure> {
        self.app.seams.cross("call:before")?;
        let answer = self.timed(|gateway| gateway.ask(self.connection, self.provider, ask))?;
        self.app.seams.cross("call:after")?;
        Ok(answer)
    }

    /// One call with exactly these bytes. The caller crosses the seams.
    pub fn send(&self, ask: &Ask, request: &HttpRequest) -> Result<Answer, Failure> {
        self.timed(|gateway| gateway.send(self.connection, self.provider, ask, request))
    }

    fn timed(
        &self,
        call: impl FnOnce(&Gateway) -> Result<Answer, NoKey>,
    ) -> Result<Answer, Failure> {
        let name = &self.connection.name;
        let begun = self.app.clock.now();
        let answer = call(&self.app.gateway).map_err(Failure::no_key(name))?;
        let took = self.app.clock.now().micros_since(begun);
        self.app.meters.provider_call(name, &answer, took);
        Ok(answer)
    }

    /// As [`Self::ask`], but not when `last_start` is over by the time it would leave: then `None`.
    pub fn ask_before(&self, ask: &Ask, last_start: Timestamp) -> Result<Option<Answer>, Failure> {
        self.app.seams.cross("call:before")?;
        if self.app.clock.now() > last_start {
            tracing::warn!("An instruction was not sent: its lease is over");
            return Ok(None);
        }
        let answer = self.timed(|gateway| gateway.ask(self.connection, self.provider, ask))?;
        self.app.seams.cross("call:after")?;
        Ok(Some(answer))
    }

    /// Reads one object or every page of a list.
    pub fn read_all(
        &self,
        page: impl Fn(Option<String>) -> Ask,
    ) -> Result<Result<Vec<Observation>, Unread>, Failure> {
        let mut observations = Vec::new();
        let mut after = None;
        loop {
            match self.read_page(&page(after.take()))? {
                Ok(page) => {
                    observations.extend(page.observations);
                    match page.next {
                        Some(next) => after = Some(next),
                        None => return Ok(Ok(observations)),
                    }
                }
                Err(unread) => return Ok(Err(unread)),
            }
        }
    }

    /// Reads one object or one page of a list.
    pub fn read_page(&self, ask: &Ask) -> Result<Result<Page, Unread>, Failure> {
        let answer = self.ask(ask)?;
        let read_at = answer.read_at.unwrap_or_else(|| self.app.clock.now());
        Ok(match answer.result {
            Ok(Outcome::Executed {
                facts,
                documents,
                next,
            }) => Ok(Page {
                observations: facts
                    .into_iter()
                    .map(|fact| self.observe(fact, read_at))
                    .collect(),
                documents,
                next,
            }),
            Ok(Outcome::Refused(refusal)) => Err(unread(refusal)),
            Ok(Outcome::Unknown(why)) => Err(later(uncertainty(&why))),
            Err(error) => Err(later(call_error(&error))),
        })
    }

    /// Those of some invoices of which it is known here what paid them.
    pub fn linked_invoices(&self, invoices: &[String]) -> Result<BTreeSet<String>, Failure> {
        let name = &self.connection.name;
        let links = self
            .app
            .store
            .read(|tx| tx.invoice_payments_by_invoices(name, invoices))?;
        Ok(links.into_iter().map(|row| row.invoice).collect())
    }

    pub fn observe(&self, fact: avstem_domain::event::Fact, read_at: Timestamp) -> Observation {
        self.provider.observed(fact, read_at)
    }
}

fn later(why: String) -> Unread {
    Unread::Later {
        why,
        retry_after_s: None,
    }
}

fn unread(refusal: Refusal) -> Unread {
    match refusal {
        Refusal::NotFound => Unread::NotFound,
        Refusal::RateLimited { retry_after_s } => Unread::Later {
            why: "the provider asks us to slow down".to_owned(),
            retry_after_s,
        },
        Refusal::WrongKey { message } => Unread::NeedsPerson {
            why: format!(
                "the provider refuses our api_key ({message}); put a valid one in the settings"
            ),
        },
        other @ (Refusal::AlreadyRefunded
        | Refusal::Disputed
        | Refusal::AmountTooLarge
        | Refusal::NotRefundable { .. }
        | Refusal::InsufficientBalance
        | Refusal::AlreadyCanceled
        | Refusal::InvoiceMovedOn { .. }
        | Refusal::KeyReused
        | Refusal::Invalid { .. }) => Unread::NeedsPerson {
            why: refusal_text(&other),
        },
    }
}

/// A refusal in words for staff.
#[must_use]
pub fn refusal_text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::RateLimited { .. } => "the provider asks us to slow down".to_owned(),
        Refusal::WrongKey { message } => format!("the provider refuses our api_key: {message}"),
        Refusal::NotFound => "the provider has no such object".to_owned(),
        Refusal::AlreadyRefunded => "the charge is refunded already".to_owned(),
        Refusal::Disputed => {
            "the charge is disputed: the money is on its way back through the bank".to_owned()
        }
        Refusal::AmountTooLarge => "more was asked than is left of the charge".to_owned(),
        Refusal::NotRefundable { message } => format!("the charge cannot be refunded: {message}"),
        Refusal::InsufficientBalance => {
            "the balance at the provider does not cover it; top it up".to_owned()
        }
        Refusal::AlreadyCanceled => "the subscription is canceled already".to_owned(),
        Refusal::InvoiceMovedOn { message } => format!("the invoice has moved on: {message}"),
        Refusal::KeyReused => "the idempotency key was used for something else".to_owned(),
        Refusal::Invalid { code, message } => {
            format!(
                "the provider refused the request ({}): {message}",
                code.as_deref().unwrap_or("no code")
            )
        }
    }
}

#[must_use]
pub fn uncertainty(why: &Uncertainty) -> String {
    match why {
        Uncertainty::ServerError { status } => format!("the provider answered {status}"),
        Uncertainty::Unexpected { status } => {
            format!("an answer that says nothing (status {status})")
        }
        Uncertainty::Unreadable { why } => format!("an answer that cannot be read: {why}"),
        Uncertainty::AnotherAnswer { why } => format!("an answer about something else: {why}"),
        Uncertainty::KeyInUse => "the same request is still running at the provider".to_owned(),
    }
}

#[must_use]
pub fn call_error(error: &CallError) -> String {
    error.to_string()
}
