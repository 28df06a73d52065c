//! Every request that we send to Stripe beside the one that its SDK sends for the same call.

use super::{ask_sdk, call};
use avstem::config::{Config, Connection};
use avstem::gateway::Gateway;
use avstem_domain::id::{
    ProviderChargeId, ProviderCustomerId, ProviderDisputeId, ProviderInvoiceId, ProviderPaymentId,
    ProviderPayoutId, ProviderRefundId, ProviderSubscriptionId, RefundId,
};
use avstem_domain::money::{Currency, Money};
use avstem_domain::time::Timestamp;
use avstem_webhooks::outbound::{Ask, Listed, RefundOrder};
use avstem_webhooks::providers;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

const KEY: &str = "sk_test_CANARY_calls";

/// What of a request tells what is asked.
#[derive(Debug, PartialEq, Eq)]
struct Recorded {
    method: String,
    path: String,
    /// Of query and body, decoded and sorted; a list's elements without their numbers.
    parameters: Vec<(String, String)>,
    authorization: Option<String>,
    content_type: Option<String>,
    idempotency_key: Option<String>,
}

/// Writes down what is asked of it, and answers everything with an empty list.
fn recorder() -> (String, Receiver<Recorded>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (told, recorded) = channel();
    // It lives as long as the process: there is nobody left to ask, and nothing that it keeps.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if told.send(record(&mut stream.unwrap())).is_err() {
                return;
            }
        }
    });
    (base, recorded)
}

fn record(stream: &mut TcpStream) -> Recorded {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    let (head, body) = loop {
        let read = stream.read(&mut piece).unwrap();
        assert_ne!(read, 0, "a request that breaks off");
        bytes.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = header(head, "content-length").map_or(0, |length| length.parse().unwrap());
        if body.len() >= length {
            break (head.to_owned(), body.to_owned());
        }
    };
    let answer = r#"{"object":"list","data":[],"has_more":false,"url":"/v1/nothing"}"#;
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{answer}",
        answer.len()
    );
    stream.write_all(reply.as_bytes()).unwrap();
    recorded(&head, &body)
}

fn recorded(head: &str, body: &str) -> Recorded {
    let mut words = head.split(' ');
    let method = words.next().unwrap().to_owned();
    let target = words.next().unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut parameters: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .chain(form_urlencoded::parse(body.as_bytes()))
        .map(|(name, value)| (without_numbers(&name), value.into_owned()))
        .collect();
    parameters.sort();
    Recorded {
        method,
        path: path.to_owned(),
        parameters,
        authorization: header(head, "authorization"),
        // It says how to read a body, so it counts where there is one.
        content_type: header(head, "content-type").filter(|_| !body.is_empty()),
        idempotency_key: header(head, "idempotency-key"),
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    fields
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}

/// `expand[0]` and `expand[]` are one thing to Stripe.
fn without_numbers(name: &str) -> String {
    let mut plain = String::new();
    for part in name.split_inclusive('[') {
        plain.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    plain
}

/// The SDK's call for what we ask. A new kind of asking does not compile before it stands here.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of asking")]
fn as_the_sdk_has_it(ask: &Ask) -> Value {
    let plain = |method, id: &str, params| call(method, &[id], params, None);
    let none = || json!({});
    match ask {
        Ask::FetchSubscription(id) => plain("subscriptions.retrieve", id.as_str(), none()),
        Ask::FetchInvoice(id) => plain(
            "invoices.retrieve",
            id.as_str(),
            json!({"expand": ["payments"]}),
        ),
        Ask::FetchCharge(id) => plain("charges.retrieve", id.as_str(), none()),
        Ask::ListInvoices {
            subscription: id,
            after,
        } => list("invoices.list", "subscription", id.as_str(), after.as_ref()),
        Ask::ListInvoicePayments { invoice: id, after } => {
            let method = "invoice_payments.list";
            list(method, "invoice", id.as_str(), after.as_ref())
        }
        Ask::FindInvoiceOfPayment(id) => {
            let payment = json!({"type": "payment_intent", "payment_intent": id.as_str()});
            page("invoice_payments.list", json!({"payment": payment}), None)
        }
        Ask::ListCharges { customer, after } => list(
            "charges.list",
            "customer",
            customer.as_str(),
            after.as_ref(),
        ),
        Ask::ListRefunds { charge, after } => {
            list("refunds.list", "charge", charge.as_str(), after.as_ref())
        }
        Ask::ListDisputes { charge, after } => {
            list("disputes.list", "charge", charge.as_str(), after.as_ref())
        }
        Ask::CancelNow(id) => {
            let params = json!({"invoice_now": false, "prorate": false});
            plain("subscriptions.cancel", id.as_str(), params)
        }
        Ask::CancelAtPeriodEnd(id) => {
            let params = json!({"cancel_at_period_end": true, "proration_behavior": "none"});
            plain("subscriptions.update", id.as_str(), params)
        }
        Ask::CancelAt(id, at) => {
            let params = json!({"cancel_at": at.unix_seconds(), "proration_behavior": "none"});
            plain("subscriptions.update", id.as_str(), params)
        }
        Ask::RenewAgain(id) => {
            let params = json!({"cancel_at_period_end": false, "proration_behavior": "none"});
            plain("subscriptions.update", id.as_str(), params)
        }
        Ask::UnsetCancelAt(id) => {
            let params = json!({"cancel_at": "", "proration_behavior": "none"});
            plain("subscriptions.update", id.as_str(), params)
        }
        Ask::HoldDraft(id) => plain("invoices.update", id.as_str(), without_collection()),
        Ask::FinalizeWithoutCollection(id) => plain(
            "invoices.finalize_invoice",
            id.as_str(),
            without_collection(),
        ),
        Ask::VoidInvoice(id) => plain("invoices.void_invoice", id.as_str(), none()),
        Ask::CreateRefund(order) => create_refund(order),
        Ask::FetchRefund(id) => plain("refunds.retrieve", id.as_str(), none()),
        Ask::FetchDispute(id) => plain("disputes.retrieve", id.as_str(), none()),
        Ask::FetchPayout(id) => plain("payouts.retrieve", id.as_str(), none()),
        Ask::ListAll {
            of,
            made_from,
            after,
        } => everything(*of, *made_from, after.as_ref()),
        Ask::ListEvents { made_from, after } => {
            let made = json!({"gte": made_from.unix_seconds()});
            page("events.list", json!({"created": made}), after.as_ref())
        }
        Ask::ListPayoutMembers { payout, after } => {
            let params = json!({"payout": payout.as_str(), "expand": ["data.source"]});
            page("balance_transactions.list", params, after.as_ref())
        }
    }
}

fn everything(of: Listed, made_from: Option<Timestamp>, after: Option<&String>) -> Value {
    let mut params = match made_from {
        Some(at) => json!({"created": {"gte": at.unix_seconds()}}),
        None => json!({}),
    };
    let method = match of {
        Listed::Subscriptions => {
            params["status"] = json!("all");
            "subscriptions.list"
        }
        Listed::Charges => "charges.list",
        Listed::Refunds => "refunds.list",
        Listed::Disputes => "disputes.list",
        Listed::Payouts => "payouts.list",
    };
    page(method, params, after)
}

/// A list of what belongs to one object.
fn list(method: &str, of: &str, id: &str, after: Option<&String>) -> Value {
    page(method, json!({ of: id }), after)
}

/// A list as long as Stripe makes them, from behind the last object of the page before.
fn page(method: &str, mut params: Value, after: Option<&String>) -> Value {
    params["limit"] = json!(100);
    if let Some(after) = after {
        params["starting_after"] = json!(after);
    }
    call(method, &[], params, None)
}

fn without_collection() -> Value {
    json!({"auto_advance": false})
}

fn create_refund(order: &RefundOrder) -> Value {
    let params = json!({
        "charge": order.charge.as_str(),
        "amount": order.amount.minor(),
        "metadata": {"avstem_refund": order.refund.to_string()},
    });
    let key = format!("avstem-refund-{}", order.refund);
    call("refunds.create", &[], params, Some(&key))
}

/// One of each, lists also from a later page on.
fn asks() -> Vec<Ask> {
    let subscription = ProviderSubscriptionId::parse("sub_1Canary").unwrap();
    let invoice = ProviderInvoiceId::parse("in_1Canary").unwrap();
    let customer = ProviderCustomerId::parse("cus_Canary").unwrap();
    let charge = ProviderChargeId::parse("ch_3Canary").unwrap();
    let order = RefundOrder {
        refund: RefundId::parse("avref_019aa0000000700080000000000000a1").unwrap(),
        charge: charge.clone(),
        amount: Money::from_minor(24_900, Currency::parse("SEK").unwrap()),
    };
    let mut asks = vec![
        Ask::FetchSubscription(subscription.clone()),
        Ask::FetchInvoice(invoice.clone()),
        Ask::FindInvoiceOfPayment(ProviderPaymentId::parse("pi_3Canary").unwrap()),
        Ask::FetchCharge(charge.clone()),
        Ask::CancelNow(subscription.clone()),
        Ask::CancelAtPeriodEnd(subscription.clone()),
        Ask::CancelAt(
            subscription.clone(),
            crate::world::at("2026-12-24T14:00:00Z"),
        ),
        Ask::HoldDraft(invoice.clone()),
        Ask::FinalizeWithoutCollection(invoice.clone()),
        Ask::VoidInvoice(invoice.clone()),
        Ask::CreateRefund(order),
        Ask::FetchRefund(ProviderRefundId::parse("re_Canary").unwrap()),
        Ask::FetchDispute(ProviderDisputeId::parse("du_Canary").unwrap()),
        Ask::FetchPayout(ProviderPayoutId::parse("po_Canary").unwrap()),
    ];
    for after in [None, Some("re_the_last of a page".to_owned())] {
        asks.push(Ask::ListInvoices {
            subscription: subscription.clone(),
            after: after.clone(),
        });
        asks.push(Ask::ListInvoicePayments {
            invoice: invoice.clone(),
            after: after.clone(),
        });
        asks.push(Ask::ListCharges {
            customer: customer.clone(),
            after: after.clone(),
        });
        asks.push(Ask::ListRefunds {
            charge: charge.clone(),
            after: after.clone(),
        });
        asks.push(Ask::ListDisputes {
            charge: charge.clone(),
            after: after.clone(),
        });
        asks.extend(whole_lists(after));
    }
    asks
}

fn whole_lists(after: Option<String>) -> Vec<Ask> {
    let made_from = crate::world::at(crate::world::START);
    let of = |of| Ask::ListAll {
        of,
        made_from: Some(made_from).filter(|_| after.is_none()),
        after: after.clone(),
    };
    vec![
        of(Listed::Subscriptions),
        of(Listed::Charges),
        of(Listed::Refunds),
        of(Listed::Disputes),
        of(Listed::Payouts),
        Ask::ListEvents {
            made_from,
            after: after.clone(),
        },
        Ask::ListPayoutMembers {
            payout: ProviderPayoutId::parse("po_Canary").unwrap(),
            after,
        },
    ]
}

fn connection(base: &str) -> Connection {
    let settings = format!(
        "[connections.stripe]\nwebhook_secrets = [\"whsec_x\"]\napi_key = \"{KEY}\"\napi_base = \"{base}\"\n"
    );
    let mut config = Config::from_parts(&settings, &[]).unwrap();
    config.connections.remove("stripe").unwrap()
}

#[test]
fn every_call_of_ours_is_the_one_that_the_sdk_makes() {
    let (base, recorded) = recorder();
    let (gateway, connection) = (Gateway::https().unwrap(), connection(&base));
    let stripe = providers::by_name("stripe").unwrap();
    let asks = asks();
    for ask in &asks {
        let answer = gateway.ask(&connection, stripe, ask).unwrap();
        assert!(answer.result.is_ok(), "{ask:?}: {:?}", answer.result);
    }
    let ours: Vec<Recorded> = recorded.try_iter().collect();
    let calls: Vec<Value> = asks.iter().map(as_the_sdk_has_it).collect();
    ask_sdk(&["call", &base, KEY], &Value::Array(calls));
    let theirs: Vec<Recorded> = recorded.try_iter().collect();
    assert_eq!((ours.len(), theirs.len()), (asks.len(), asks.len()));
    for ((ask, our), mut their) in asks.iter().zip(ours).zip(theirs) {
        // The SDK gives every POST a random key; ours have one where it is of use.
        their.idempotency_key = their
            .idempotency_key
            .filter(|_| our.idempotency_key.is_some());
        assert_eq!(our, their, "{ask:?}");
    }
}
