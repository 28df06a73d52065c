//! One call to the API: what happens before it, what it does, and what the caller hears of it.

use avstem_webhooks::outbound::{HttpReply, HttpRequest, Method};
use serde_json::Value;

use crate::answer::{ApiError, Keep};
use crate::events::{RequestMark, pretty};
use crate::faults::Fault;
use crate::idempotency::KeySeen;
use crate::oracle::SeenRequest;
use crate::render::Form;
use crate::{Exchange, Shape, Simulator};

/// The first API version with the newer shape.
const NEWER_FROM: &str = "2025-03-31";
const KEY_CHARS_MAX: usize = 255;

impl Simulator {
    /// Plays one call. `authorization` is the header's whole value, such as `Bearer sk_test_…`.
    pub fn handle(&mut self, request: &HttpRequest, authorization: Option<&str>) -> Exchange {
        let order = self.seen.len();
        self.seen.push(SeenRequest {
            order,
            at: self.now,
            method: request.method,
            target: request.target.clone(),
            idempotency_key: header(request, "idempotency-key").map(str::to_owned),
            body: request.body.clone(),
            status: None,
            money_moved_before: self.money_moved.len(),
        });
        let met = self.faults.meet(request);
        for action in met.before {
            self.act(action);
        }
        let exchange = if self.faults.is_down() {
            Exchange::Lost
        } else {
            self.exchange(request, authorization, met.fault)
        };
        for action in met.after {
            self.act(action);
        }
        let status = match &exchange {
            Exchange::Reply(reply)
            | Exchange::Huge {
                beginning: reply, ..
            } => Some(reply.status),
            Exchange::Lost => None,
        };
        if let Some(seen) = self.seen.get_mut(order) {
            seen.status = status;
        }
        exchange
    }

    fn exchange(
        &mut self,
        request: &HttpRequest,
        authorization: Option<&str>,
        fault: Option<Fault>,
    ) -> Exchange {
        let request_id = format!("req_{}", self.request_ids.base62(14));
        let id = request_id.as_str();
        let refusal = |this: &Self, error: ApiError| this.reply(&Err(error), id);
        let reply = match fault {
            None => self.answer(request, authorization, id),
            Some(Fault::LoseBeforeEffect) => return Exchange::Lost,
            Some(Fault::LoseAnswerAfterEffect) => {
                self.answer(request, authorization, id);
                return Exchange::Lost;
            }
            Some(Fault::ServerErrorBeforeEffect { status }) => {
                refusal(self, ApiError::server(status))
            }
            Some(Fault::ServerErrorAfterEffect) => {
                self.answer(request, authorization, id);
                refusal(self, ApiError::server(500))
            }
            Some(Fault::StoredError) => self.stored_error(request, authorization, id),
            Some(Fault::StoredErrorAfterEffect) => {
                self.answer(request, authorization, id);
                self.keep_error(request, id)
            }
            Some(Fault::RateLimit { retry_after_s }) => {
                let text = retry_after_s.map(|seconds| seconds.to_string());
                self.rate_limit(text.as_deref(), id)
            }
            Some(Fault::RateLimitSaying { retry_after }) => self.rate_limit(Some(retry_after), id),
            Some(Fault::LockConflict) => refusal(self, ApiError::lock_conflict()),
            Some(Fault::KeyInUse) => {
                let key = header(request, "idempotency-key").unwrap_or_default();
                refusal(self, ApiError::key_in_use(key))
            }
            Some(Fault::WrongKey) => refusal(self, ApiError::wrong_key()),
            Some(Fault::Html) => {
                let page = "<!doctype html><title>Welcome</title><p>Please sign in.</p>";
                self.reply_with(200, "text/html", page.as_bytes().to_vec(), id)
            }
            Some(Fault::CutBody) => {
                let mut reply = self.answer(request, authorization, id);
                reply.body.truncate(reply.body.len() / 2);
                reply
            }
            Some(Fault::AnotherChargesAnswer) => {
                let mut reply = self.answer(request, authorization, id);
                self.speak_of_another(&mut reply);
                reply
            }
            Some(Fault::Huge { bytes }) => {
                self.answer(request, authorization, id);
                let beginning = br#"{"object":"list","data":[],"padding":""#.to_vec();
                let beginning = self.reply_with(200, "application/json", beginning, id);
                return Exchange::Huge { beginning, bytes };
            }
            Some(Fault::Redirect) => {
                let mut reply = self.reply_with(302, "text/html", Vec::new(), id);
                let target = format!("https://elsewhere.example{}", request.target);
                reply.headers.push(("location".to_owned(), target));
                reply
            }
        };
        Exchange::Reply(reply)
    }

    /// The true answer, kept under the idempotency key when there is one.
    fn answer(
        &mut self,
        request: &HttpRequest,
        authorization: Option<&str>,
        request_id: &str,
    ) -> HttpReply {
        if authorization != Some(format!("Bearer {}", self.settings.api_key).as_str()) {
            return self.reply(&Err(ApiError::wrong_key()), request_id);
        }
        let key = idempotency_key(request);
        if let Some(key) = key {
            if key.chars().count() > KEY_CHARS_MAX {
                let message = "Idempotency keys have up to 255 characters.";
                return self.reply(&Err(ApiError::refused(message)), request_id);
            }
            match self.keys.look_up(key, request, self.now) {
                KeySeen::New => {}
                KeySeen::Before(stored, first) => {
                    return self.replay(stored, key, &first, request_id);
                }
                KeySeen::OtherParameters => {
                    return self.reply(&Err(ApiError::key_reused(key)), request_id);
                }
            }
        }
        self.request = Some(RequestMark {
            id: request_id.to_owned(),
            idempotency_key: key.map(str::to_owned),
        });
        let result = self.route(request);
        self.request = None;
        let mut reply = self.reply(&result, request_id);
        if let Some(key) = key {
            reply
                .headers
                .push(("idempotency-key".to_owned(), key.to_owned()));
            let keep = result
                .as_ref()
                .err()
                .map_or(Keep::UnderKey, |error| error.keep);
            if keep == Keep::UnderKey {
                self.keys.keep(key, request, &reply, request_id, self.now);
            }
        }
        reply
    }

    fn replay(&self, stored: HttpReply, key: &str, first: &str, request_id: &str) -> HttpReply {
        let mut reply = self.reply_with(stored.status, "application/json", stored.body, request_id);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        reply.headers.push(header("idempotency-key", key));
        reply.headers.push(header("idempotent-replayed", "true"));
        reply.headers.push(header("original-request", first));
        reply
    }

    /// A 500 without effect, kept under the key. A key that has an answer already gives that one.
    fn stored_error(
        &mut self,
        request: &HttpRequest,
        authorization: Option<&str>,
        request_id: &str,
    ) -> HttpReply {
        let seen = idempotency_key(request).map(|key| self.keys.look_up(key, request, self.now));
        match seen {
            Some(KeySeen::Before(..) | KeySeen::OtherParameters) => {
                self.answer(request, authorization, request_id)
            }
            Some(KeySeen::New) | None => self.keep_error(request, request_id),
        }
    }

    fn keep_error(&mut self, request: &HttpRequest, request_id: &str) -> HttpReply {
        let reply = self.reply(&Err(ApiError::server(500)), request_id);
        if let Some(key) = idempotency_key(request) {
            self.keys.keep(key, request, &reply, request_id, self.now);
        }
        reply
    }

    fn rate_limit(&self, retry_after: Option<&str>, request_id: &str) -> HttpReply {
        let mut reply = self.reply(&Err(ApiError::rate_limited()), request_id);
        let reason = (
            "stripe-rate-limited-reason".to_owned(),
            "endpoint-rate".to_owned(),
        );
        reply.headers.push(reason);
        if let Some(text) = retry_after {
            reply
                .headers
                .push(("retry-after".to_owned(), text.to_owned()));
        }
        reply
    }

    /// Replaces the charge an answer names, or else its id, by another that may exist.
    fn speak_of_another(&self, reply: &mut HttpReply) {
        let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else {
            return;
        };
        match body.get_mut("data").and_then(Value::as_array_mut) {
            Some(elements) => elements
                .iter_mut()
                .for_each(|element| self.misname(element)),
            None => self.misname(&mut body),
        }
        reply.body = pretty(&body);
    }

    fn misname(&self, object: &mut Value) {
        let Some(object) = object.as_object_mut() else {
            return;
        };
        if let Some(charge) = object.get("charge").and_then(Value::as_str) {
            let mut others = self
                .charges
                .newest_first()
                .filter(|other| other.id != charge);
            let other = others
                .next()
                .map_or("ch_anotherCharge", |other| other.id.as_str());
            object.insert("charge".to_owned(), other.into());
            object.insert("payment_intent".to_owned(), "pi_anotherPayment".into());
        } else if let Some(id) = object.get("id").and_then(Value::as_str) {
            let kind = id.split_once('_').map_or(id, |(kind, _)| kind);
            let other = format!("{kind}_anotherObject");
            object.insert("id".to_owned(), other.into());
        }
    }

    /// The shape the request's answer has.
    pub(crate) fn answer_form(&self, request: &HttpRequest) -> Form {
        match self.settings.shape {
            Shape::Classic => Form::Classic,
            Shape::Newer | Shape::Mixed if names_classic_version(request) => Form::Classic,
            Shape::Newer | Shape::Mixed => Form::Newer,
        }
    }
}

pub(crate) fn names_classic_version(request: &HttpRequest) -> bool {
    header(request, "stripe-version").is_some_and(|version| version < NEWER_FROM)
}

/// Keys have an effect on POST only.
fn idempotency_key(request: &HttpRequest) -> Option<&str> {
    match request.method {
        Method::Post => header(request, "idempotency-key"),
        Method::Get | Method::Delete => None,
    }
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut headers = request.headers.iter();
    headers
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}
