//! Whatever arrives, the adapter answers.

use super::replies::{asks, order};
use super::*;
use crate::RawWebhook;
use crate::outbound::{Ask, Outcome};
use proptest::prelude::*;
use secrecy::SecretString;

/// Everything that takes bytes from outside.
fn try_everything(body: &[u8], header: &str, status: u16) {
    let headers = [("stripe-signature".to_owned(), header.to_owned())];
    let verdict = Stripe.verify(
        RawWebhook {
            headers: &headers,
            body,
        },
        &[SecretString::from("whsec_x")],
        at(START),
    );
    assert!(verdict.is_err());
    let _ = Stripe.envelope(body);
    let _ = Stripe.same_event(body, b"{}");
    if let Ok(delivery) = Stripe.decode(body) {
        assert_ne!(delivery.contents, Contents::Facts(Vec::new()));
    }
    for ask in asks() {
        let headers = vec![("retry-after".to_owned(), header.to_owned())];
        let _ = Stripe.read(
            &ask,
            &HttpReply {
                status,
                headers,
                body: body.to_vec(),
            },
        );
    }
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let names = all_samples();
    let change = (any::<prop::sample::Index>(), any::<u8>());
    (
        prop::sample::select(names),
        prop::collection::vec(change, 1..4),
    )
        .prop_map(|(name, changes)| {
            let mut body = sample(&name).body;
            for (index, byte) in changes {
                let place = index.index(body.len());
                body[place] = byte;
            }
            body
        })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..300), header in ".{0,80}", status in any::<u16>()) {
        try_everything(&body, &header, status);
    }

    #[test]
    fn mutated_deliveries_never_panic(body in mutated(), header in "t=[0-9]{0,20},v1=[0-9a-f]{0,64}", status in 200u16..600) {
        try_everything(&body, &header, status);
    }

    #[test]
    fn json_of_any_make_never_panics(text in r#"(\{("id"|"object"|"data"|"amount"):){0,4}(null|-?[0-9]{1,25}|"[a-z_]{0,9}"|\[\])\}{0,4}"#) {
        try_everything(text.as_bytes(), "", 200);
    }

    /// The one answer that lets the service book a refund is the one that names exactly our refund.
    #[test]
    fn a_mutated_refund_is_never_taken_for_another(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let refund = object("refund.created", &[]);
        let mut body = refund.into_bytes();
        let place = place.index(body.len());
        body[place] = byte;
        if let Outcome::Executed { facts, .. } = Stripe.read(&Ask::CreateRefund(order()), &HttpReply { status: 200, headers: Vec::new(), body }) {
            let [Fact::Refund(fact)] = &facts[..] else { panic!("{facts:?}") };
            prop_assert_eq!(&fact.amount, &order().amount);
            prop_assert_eq!(fact.charge.as_ref(), Some(&order().charge));
            prop_assert_eq!(fact.ours, Some(order().refund));
        }
    }
}
