use super::*;
use crate::app::measure::Meters;
use crate::app::portal::{self, LINK_LIFETIME_S, OpenPortal};
use crate::app::seams::Seams;
use crate::app::signals::Signals;
use crate::clock::Clock;
use crate::config::Config;
use crate::gateway::Gateway;
use crate::store::rows::Customer;
use crate::store::{Store, WriteTx};
use avstem_domain::refund_policy::Policy;
use tempfile::TempDir;

const ASA: &str = "avcus_019ab0c8000070008000000000000001";
const BO: &str = "avcus_019ab0c8000070008000000000000002";
const ASAS: &str = "avsub_019ab0c8000070008000000000000001";
const BOS: &str = "avsub_019ab0c8000070008000000000000002";

/// A shop with two customers, who have a subscription each.
struct Shop {
    app: App,
    _folder: TempDir,
}

fn shop() -> Shop {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&format!(
        "sqlite://{}",
        folder.path().join("account.db").display()
    ))
    .unwrap();
    store.migrate().unwrap();
    let clock = Clock::manual(Timestamp::parse_rfc3339("2026-11-22T12:00:00Z").unwrap());
    let config = Config::from_parts("default_locale = \"en\"", &[]).unwrap();
    let app = App {
        store,
        meters: Meters::new(&config, clock.now()).unwrap(),
        clock,
        gateway: Gateway::https().unwrap(),
        config,
        policy: Policy::reference().unwrap(),
        signals: Signals::default(),
        seams: Seams::default(),
    };
    app.store
        .write(|tx: &mut WriteTx<'_>| {
            tx.save_customers(&[customer(ASA, "cus_a"), customer(BO, "cus_b")])?;
            tx.save_subscriptions(&[
                subscription(ASAS, "sub_a", ASA),
                subscription(BOS, "sub_b", BO),
            ])?;
            Ok::<_, Failure>(())
        })
        .unwrap();
    Shop {
        app,
        _folder: folder,
    }
}

fn customer(id: &str, provider_id: &str) -> Customer {
    Customer {
        id: id.to_owned(),
        connection: "stripe".to_owned(),
        provider_id: provider_id.to_owned(),
        email: None,
        name: None,
        locale: None,
        status: "active".to_owned(),
        version: String::new(),
    }
}

fn subscription(id: &str, provider_id: &str, customer: &str) -> Subscription {
    Subscription {
        id: id.to_owned(),
        connection: "stripe".to_owned(),
        provider_id: provider_id.to_owned(),
        customer_id: customer.to_owned(),
        status: "active".to_owned(),
        plan: Some("Premium".to_owned()),
        price: Some(24_900),
        currency: Some("SEK".to_owned()),
        interval_unit: Some("month".to_owned()),
        interval_count: Some(1),
        period_start: Some(1_000_000),
        period_end: Some(2_000_000),
        trial_end: None,
        renewal: "renews".to_owned(),
        cancel_at: None,
        canceled_at: None,
        ended_at: None,
        created_at: 0,
        version: String::new(),
        seen_renewing_at: None,
    }
}

impl Shop {
    fn pass(&self, seconds: i64) {
        self.app
            .clock
            .set(self.app.clock.now().saturating_add_seconds(seconds));
    }

    /// The token of a fresh link.
    fn link(&self, customer: &str) -> String {
        let command = OpenPortal {
            customer: customer.to_owned(),
            return_url: Some("https://shop.example/".to_owned()),
            locale: Some(Locale::Sv),
        };
        let url = portal::open(&self.app, &command).unwrap().url;
        url.expose_secret().rsplit('/').next().unwrap().to_owned()
    }

    fn enter(&self, customer: &str) -> SecretString {
        enter(&self.app, &self.link(customer), None)
            .unwrap()
            .unwrap()
    }

    fn visit(&self, token: &SecretString) -> Option<Visit> {
        visit(&self.app, token.expose_secret()).unwrap()
    }
}

#[test]
fn a_link_signs_its_customer_in_with_the_links_language_and_way_back() {
    let shop = shop();
    let visit = shop.visit(&shop.enter(ASA)).unwrap();
    assert_eq!(visit.customer, ASA);
    assert_eq!(visit.locale(), Locale::Sv);
    assert_eq!(visit.return_url(), Some("https://shop.example/"));
}

#[test]
fn a_link_works_once_and_for_ten_minutes() {
    let shop = shop();
    let link = shop.link(ASA);
    assert!(enter(&shop.app, &link, None).unwrap().is_some());
    assert!(enter(&shop.app, &link, None).unwrap().is_none());
    let late = shop.link(ASA);
    shop.pass(LINK_LIFETIME_S);
    assert!(enter(&shop.app, &late, None).unwrap().is_none());
    assert!(enter(&shop.app, "never made", None).unwrap().is_none());
}

#[test]
fn entering_ends_the_session_that_the_browser_had_and_a_bad_link_does_not() {
    let shop = shop();
    let old = shop.enter(ASA);
    assert!(
        enter(&shop.app, "never made", Some(old.expose_secret()))
            .unwrap()
            .is_none()
    );
    assert!(shop.visit(&old).is_some());
    let new = enter(&shop.app, &shop.link(BO), Some(old.expose_secret()))
        .unwrap()
        .unwrap();
    assert!(shop.visit(&old).is_none());
    assert_eq!(shop.visit(&new).unwrap().customer, BO);
}

#[test]
fn a_session_ends_when_its_customer_is_away_for_half_an_hour_and_not_before() {
    let shop = shop();
    let token = shop.enter(ASA);
    shop.pass(IDLE_S - 1);
    assert!(shop.visit(&token).is_some());
    shop.pass(IDLE_S - 1);
    assert!(shop.visit(&token).is_some());
    shop.pass(IDLE_S);
    assert!(shop.visit(&token).is_none());
}

#[test]
fn no_session_lasts_longer_than_twelve_hours() {
    let shop = shop();
    let token = shop.enter(ASA);
    for _ in 0..47 {
        shop.pass(15 * 60);
        assert!(shop.visit(&token).is_some());
    }
    shop.pass(15 * 60);
    assert!(shop.visit(&token).is_none());
}

#[test]
fn who_signs_out_is_out() {
    let shop = shop();
    let token = shop.enter(ASA);
    leave(&shop.app, &shop.visit(&token).unwrap()).unwrap();
    assert!(shop.visit(&token).is_none());
}

#[test]
fn the_database_holds_no_token_that_opens_anything() {
    let shop = shop();
    let token = shop.enter(ASA);
    let stored = shop.visit(&token).unwrap().session;
    assert_ne!(stored, token.expose_secret());
    assert!(visit(&shop.app, &stored).unwrap().is_none());
}

#[test]
fn a_session_speaks_the_language_it_was_last_asked_to() {
    let shop = shop();
    let token = shop.enter(ASA);
    speak(&shop.app, &shop.visit(&token).unwrap(), Locale::En).unwrap();
    assert_eq!(shop.visit(&token).unwrap().locale(), Locale::En);
}

#[test]
fn a_customer_sees_and_cancels_only_what_is_their_own() {
    let shop = shop();
    let visit = shop.visit(&shop.enter(ASA)).unwrap();
    let mine: Vec<String> = overview(&shop.app, &visit)
        .unwrap()
        .subscriptions
        .into_iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(mine, [ASAS]);
    for own in [ASAS, "sub_a"] {
        assert!(
            super::subscription(&shop.app, &visit, own)
                .unwrap()
                .is_some()
        );
    }
    for others in [BOS, "sub_b", "sub_nobody"] {
        assert!(
            super::subscription(&shop.app, &visit, others)
                .unwrap()
                .is_none()
        );
        let canceled = cancel(&shop.app, &visit, others, RefundChoice::Policy, None);
        assert!(matches!(canceled, Err(RequestError::NotFound)));
    }
}

#[test]
fn another_customers_cancellation_is_not_there() {
    let shop = shop();
    let bo = shop.visit(&shop.enter(BO)).unwrap();
    let row = canceled(BOS);
    shop.app
        .store
        .write(|tx| tx.save_cancellation(&row).map_err(Failure::from))
        .unwrap();
    let asa = shop.visit(&shop.enter(ASA)).unwrap();
    assert!(cancellation(&shop.app, &bo, &row.id).unwrap().is_some());
    assert!(cancellation(&shop.app, &asa, &row.id).unwrap().is_none());
    assert_eq!(overview(&shop.app, &bo).unwrap().cancellations, [row]);
    assert!(overview(&shop.app, &asa).unwrap().cancellations.is_empty());
}

fn canceled(subscription: &str) -> Cancellation {
    Cancellation {
        id: "avcan_019ab0c8000070008000000000000001".to_owned(),
        subscription_id: subscription.to_owned(),
        origin: "provider".to_owned(),
        state: "undone".to_owned(),
        step: "finished".to_owned(),
        requested_by: "shop".to_owned(),
        refund: "policy".to_owned(),
        reason: None,
        received_at: 1,
        judged_at: 1,
        stop_mode: None,
        stop_effective_at: None,
        stop_done_at: None,
        policy_version: None,
        attention: None,
        trouble: None,
        attempts: 0,
        due_at: None,
        lease_until: 0,
        fence: 0,
        stop_asked_at: None,
        undo_requested_at: None,
        undone_at: None,
        version: String::new(),
    }
}

#[test]
fn the_next_payment_and_the_end_follow_from_what_the_provider_said() {
    let at = |micros| Some(Timestamp::from_micros(micros).unwrap());
    let active = subscription(ASAS, "sub_a", ASA);
    assert_eq!(
        (next_billing(&active).unwrap(), end(&active).unwrap()),
        (at(2_000_000), None)
    );
    let stops = Subscription {
        renewal: "stops".to_owned(),
        ..active.clone()
    };
    assert_eq!(
        (next_billing(&stops).unwrap(), end(&stops).unwrap()),
        (None, at(2_000_000))
    );
    let set = Subscription {
        cancel_at: Some(3_000_000),
        ..active.clone()
    };
    assert_eq!(
        (next_billing(&set).unwrap(), end(&set).unwrap()),
        (None, at(3_000_000))
    );
    let over = Subscription {
        status: "canceled".to_owned(),
        ended_at: Some(1_500_000),
        ..active.clone()
    };
    assert_eq!(
        (next_billing(&over).unwrap(), end(&over).unwrap()),
        (None, at(1_500_000))
    );
    let trial = Subscription {
        status: "trialing".to_owned(),
        trial_end: Some(1_200_000),
        ..active
    };
    assert_eq!(next_billing(&trial).unwrap(), at(1_200_000));
}
