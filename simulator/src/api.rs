//! Every route of the API on one screen.

use avstem_webhooks::outbound::{HttpRequest, Method};
use serde_json::{Value, json};

use crate::answer::ApiError;
use crate::handle::names_classic_version;
use crate::params::{Params, split_target};
use crate::{Shape, Simulator};

/// What a call found or changed.
#[derive(Debug)]
pub(crate) enum Found {
    One(String),
    Page(Page),
}

/// A page of a list, newest first.
#[derive(Debug)]
pub(crate) struct Page {
    pub ids: Vec<String>,
    pub has_more: bool,
    pub url: &'static str,
}

impl Simulator {
    pub(crate) fn route(&mut self, request: &HttpRequest) -> Result<Value, ApiError> {
        let params = Params::of(request);
        let (path, _) = split_target(&request.target);
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let found = match (request.method, segments.as_slice()) {
            (Method::Get, ["v1", list]) => self.list(list, path, &params),
            (Method::Get, ["v1", list, id]) => self.fetch(list, id, path, &params),
            (Method::Post, ["v1", "refunds"]) => self.create_refund(&params),
            (Method::Post, ["v1", "refunds", id, "cancel"]) => self.call_off_refund(id, &params),
            (Method::Post, ["v1", "subscriptions", id]) => self.update_subscription(id, &params),
            (Method::Delete, ["v1", "subscriptions", id]) => self.cancel_subscription(id, &params),
            (Method::Post, ["v1", "invoices", id]) => self.update_invoice(id, &params),
            (Method::Post, ["v1", "invoices", id, "finalize"]) => {
                self.finalize_invoice(id, &params)
            }
            (Method::Post, ["v1", "invoices", id, "void"]) => self.void(id, &params),
            (Method::Post, ["v1", "invoices", id, "mark_uncollectible"]) => {
                self.mark_uncollectible(id, &params)
            }
            (Method::Delete, ["v1", "invoices", id]) => self.delete_invoice(id, &params),
            (Method::Get | Method::Post | Method::Delete, _) => {
                Err(ApiError::unknown_route(method_name(request.method), path))
            }
        }?;
        self.show(found, request, &params)
    }

    fn fetch(&self, list: &str, id: &str, path: &str, params: &Params) -> Result<Found, ApiError> {
        params.only(&[])?;
        let (what, prefix) = match list {
            "customers" => ("customer", "cus_"),
            "subscriptions" => ("subscription", "sub_"),
            "invoices" => ("invoice", "in_"),
            "invoice_payments" => ("invoice_payment", "inpay_"),
            "payment_intents" => ("payment_intent", "pi_"),
            "charges" => ("charge", "ch_"),
            "refunds" => ("refund", "re_"),
            "disputes" => ("dispute", "du_"),
            "payouts" => ("payout", "po_"),
            "balance_transactions" => ("balance transaction", "txn_"),
            "events" => ("event", "evt_"),
            _ => return Err(ApiError::unknown_route("GET", path)),
        };
        let exists =
            id.starts_with(prefix) && self.render(id, crate::render::Form::Newer).is_some();
        if exists {
            Ok(Found::One(id.to_owned()))
        } else {
            Err(ApiError::missing(what, id))
        }
    }

    /// The answer's JSON, in the shape the request asks for, with what it asks to expand.
    fn show(
        &self,
        found: Found,
        request: &HttpRequest,
        params: &Params,
    ) -> Result<Value, ApiError> {
        let form = self.answer_form(request);
        let mut value = match found {
            Found::One(id) => self.render(&id, form).unwrap_or_default(),
            Found::Page(page) => {
                let objects = page.ids.iter().filter_map(|id| self.render(id, form));
                json!({
                    "object": "list",
                    "data": objects.collect::<Vec<Value>>(),
                    "has_more": page.has_more,
                    "url": page.url,
                })
            }
        };
        // An account that answers in the classic shape to a newer request has no payments to expand.
        let forgives = self.settings.shape == Shape::Classic && !names_classic_version(request);
        for path in params.expansions() {
            let names_payments = path.split('.').any(|step| step == "payments");
            if !(forgives && names_payments) {
                self.expand(&mut value, path, form)?;
            }
        }
        Ok(value)
    }
}

const fn method_name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Delete => "DELETE",
    }
}
