//! Requests, as the text that goes over the wire.

use super::replies::{asks, order};
use super::*;
use crate::outbound::{Ask, Method};
use avstem_domain::id::{ProviderChargeId, ProviderSubscriptionId};

fn wire(ask: &Ask) -> String {
    let request = Stripe.request(ask);
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Delete => "DELETE",
    };
    let headers: String = request
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    format!(
        "{method} {}\n{headers}\n{}",
        request.target,
        String::from_utf8(request.body).unwrap()
    )
}

#[test]
fn every_request_is_written_exactly_so() {
    let written: Vec<_> = asks().iter().map(wire).collect();
    let text = format!("{}\n", written.join("\n---\n"));
    assert_eq!(
        text,
        std::fs::read_to_string(folder().join("requests.txt")).unwrap()
    );
}

#[test]
fn only_a_refund_carries_a_key_and_it_is_the_refund_s_own() {
    for ask in asks() {
        let request = Stripe.request(&ask);
        let header = request
            .headers
            .iter()
            .find(|(name, _)| name == "idempotency-key")
            .map(|(_, value)| value.clone());
        assert_eq!(header, Stripe.idempotency_key(&ask), "{ask:?}");
        assert_eq!(
            header.is_some(),
            matches!(ask, Ask::CreateRefund(_)),
            "{ask:?}"
        );
        assert!(
            request
                .headers
                .iter()
                .all(|(name, _)| name != "authorization")
        );
    }
    let key = "avstem-refund-avref_019aa0000000700080000000000000a1";
    assert_eq!(
        Stripe
            .idempotency_key(&Ask::CreateRefund(order()))
            .as_deref(),
        Some(key)
    );
}

#[test]
fn ids_cannot_leave_their_place_in_the_path_or_the_query() {
    let target = |id: &str| {
        Stripe
            .request(&Ask::CancelNow(ProviderSubscriptionId::parse(id).unwrap()))
            .target
    };
    assert_eq!(
        target("../x?a=b&c#d%2f"),
        "/v1/subscriptions/..%2Fx%3Fa%3Db%26c%23d%252f?invoice_now=false&prorate=false"
    );
    assert_eq!(
        target(".."),
        "/v1/subscriptions/%252E%252E?invoice_now=false&prorate=false"
    );
    let list = Ask::ListRefunds {
        charge: ProviderChargeId::parse("ch&limit=1").unwrap(),
        after: Some("a b".to_owned()),
    };
    assert_eq!(
        Stripe.request(&list).target,
        "/v1/refunds?charge=ch%26limit%3D1&limit=100&starting_after=a+b"
    );
}

#[test]
fn amounts_are_sent_as_stripe_counts_them() {
    let body = |minor: i64, code: &str| {
        let order = crate::outbound::RefundOrder {
            amount: money(minor, code),
            ..order()
        };
        String::from_utf8(Stripe.request(&Ask::CreateRefund(order)).body).unwrap()
    };
    assert!(body(500, "ISK").contains("&amount=50000&"));
    assert!(body(50_000, "MGA").contains("&amount=500&"));
    assert!(body(1_200, "JPY").contains("&amount=1200&"));
}
