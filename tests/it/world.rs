//! A service and a simulated provider in one process, with a clock that only the test moves.

mod templates;

use crate::cluster;
use avstem::app::books::money;
use avstem::app::cancellation::{self, CancellationView, RequestCancellation, RequestedBy};
use avstem::app::measure::Meters;
use avstem::app::receive_webhook::{self, Intake};
use avstem::app::seams::Seams;
use avstem::app::signals::Signals;
use avstem::app::verify_ledger;
use avstem::app::{App, Failure, process_events, refund_operation, seal_ledger, trial_balance};
use avstem::clock::Clock;
use avstem::config::Config;
use avstem::gateway::{CallError, Gateway, Transport};
use avstem::store::Store;
use avstem_domain::cancellation::RefundChoice;
use avstem_domain::refund_policy::Policy;
use avstem_domain::time::Timestamp;
use avstem_simulator::{
    Interval, MoneyMovement, MovementKind, PaymentBehavior, Plan, Settings, Shape, Simulator,
    WebhookDelivery,
};
use avstem_webhooks::outbound::{HttpReply, HttpRequest};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Arc, Mutex, MutexGuard};

pub const WEBHOOK_SECRET: &str = "whsec_CANARY_world_secret";
pub const API_KEY: &str = "sk_test_CANARY_world";
/// Noon in Stockholm on a day without surprises.
pub const START: &str = "2026-11-22T11:00:00Z";

/// A clone is the same world.
#[derive(Clone)]
pub struct World {
    pub app: Arc<App>,
    pub clock: Clock,
    /// For tools that look into the database from outside (`sqlite3`, `psql`).
    pub url: String,
    simulator: Arc<Mutex<Simulator>>,
    /// Keeps the SQLite file until the test ends.
    _folder: Option<Arc<tempfile::TempDir>>,
}

/// The simulator, asked without a socket.
struct InProcess {
    simulator: Arc<Mutex<Simulator>>,
    clock: Clock,
}

impl Transport for InProcess {
    fn exchange(
        &self,
        _: &str,
        key: &SecretString,
        request: &HttpRequest,
    ) -> Result<HttpReply, CallError> {
        let mut simulator = self.simulator.lock().unwrap();
        simulator.advance_to(self.clock.now());
        let authorization = format!("Bearer {}", key.expose_secret());
        let exchange = simulator.handle(request, Some(&authorization));
        // The gateway reads no further than 8 MiB either.
        let reply = exchange.read_up_to(8 << 20);
        reply.ok_or_else(|| CallError::NoAnswer("the answer is lost".to_owned()))
    }
}

impl World {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("avstem.db");
        std::fs::copy(templates::sqlite(), &path).unwrap();
        Self::over(&format!("sqlite://{}", path.display()), Some(folder))
    }

    pub fn postgres() -> Self {
        Self::over(
            &cluster::shared().database_from(templates::postgres()),
            None,
        )
    }

    fn over(url: &str, folder: Option<tempfile::TempDir>) -> Self {
        let clock = Clock::manual(at(START));
        let simulator = Simulator::new(
            Settings {
                seed: 7,
                webhook_secret: WEBHOOK_SECRET.to_owned(),
                api_key: API_KEY.to_owned(),
                shape: Shape::Mixed,
                currency: "sek",
            },
            at(START),
        );
        let simulator = Arc::new(Mutex::new(simulator));
        let app = app_over(url, &clock, &simulator, Seams::default(), "");
        Self {
            app,
            clock,
            url: url.to_owned(),
            simulator,
            _folder: folder.map(Arc::new),
        }
    }

    /// The same database, provider and clock, as another process sees them after a start.
    pub fn another_process(&self, seams: Seams) -> Arc<App> {
        self.another_process_with(seams, "")
    }

    /// The same with more settings, in TOML.
    pub fn another_process_with(&self, seams: Seams, settings: &str) -> Arc<App> {
        app_over(&self.url, &self.clock, &self.simulator, seams, settings)
    }

    /// The same database by another address.
    pub fn another_process_at(&self, url: &str) -> Arc<App> {
        app_over(url, &self.clock, &self.simulator, Seams::default(), "")
    }

    /// The provider, at the world's time.
    pub fn provider(&self) -> MutexGuard<'_, Simulator> {
        let mut simulator = self.simulator.lock().unwrap();
        simulator.advance_to(self.clock.now());
        simulator
    }

    /// Moves the clock, for the provider too.
    pub fn pass_seconds(&self, seconds: i64) {
        self.clock
            .set(self.clock.now().saturating_add_seconds(seconds));
        drop(self.provider());
    }

    pub fn pass_days(&self, days: i64) {
        self.pass_seconds(days * 86_400);
    }

    /// A customer with a monthly subscription for 249.00 SEK, 49.80 of it VAT. The provider's ids.
    pub fn subscribe(&self) -> (String, String) {
        let mut provider = self.provider();
        let customer = provider.create_customer("canary-pii-1@example.test", "Canary Person", "sv");
        let subscription = provider.subscribe(&customer, &monthly());
        (customer, subscription)
    }

    /// As [`World::subscribe`], for any plan and any way of paying. The provider's ids.
    pub fn subscribe_to(&self, plan: &Plan, behavior: PaymentBehavior) -> (String, String) {
        let mut provider = self.provider();
        let customer = provider.create_customer("canary-pii-2@example.test", "Canary Other", "en");
        provider.set_payment_behavior(&customer, behavior);
        let subscription = provider.subscribe(&customer, plan);
        (customer, subscription)
    }

    /// The provider's ids of a subscription's charges, failed ones too; oldest first.
    pub fn charges(&self, subscription: &str) -> Vec<String> {
        self.provider()
            .charges_of(subscription)
            .into_iter()
            .map(|charge| charge.id)
            .collect()
    }

    /// Hands one delivery to the inbox, as the HTTP layer does.
    pub fn receive(&self, delivery: &WebhookDelivery) -> Intake {
        let body = delivery.body.clone();
        let event = receive_webhook::admit(&self.app, "stripe", &delivery.headers, body)
            .expect("the signature holds");
        receive_webhook::store(&self.app, &[event])
            .unwrap()
            .remove(0)
    }

    /// Delivers every webhook that is due and processes it, until nothing comes any more.
    pub fn deliver(&self) {
        self.take_in();
        self.process();
    }

    /// Delivers every webhook that is due, until nothing comes any more; what they mean is found out later.
    pub fn take_in(&self) {
        loop {
            let due = self.provider().deliveries_due();
            if due.is_empty() {
                break;
            }
            let admitted = due.iter().map(|delivery| {
                let body = delivery.body.clone();
                receive_webhook::admit(&self.app, "stripe", &delivery.headers, body)
                    .expect("the signature holds")
            });
            receive_webhook::store(&self.app, &admitted.collect::<Vec<_>>()).unwrap();
            for delivery in due {
                self.provider().delivered(delivery.id, 200);
            }
        }
    }

    pub fn process(&self) -> process_events::Processed {
        process_events::drain(&self.app).unwrap()
    }

    pub fn request(&self, subscription: &str) -> RequestCancellation {
        RequestCancellation {
            subscription: subscription.to_owned(),
            requested_by: RequestedBy::Support,
            refund: RefundChoice::Policy,
            reason: None,
            requested_at: None,
            expected_latest_charge: None,
        }
    }

    /// Asks for a cancellation and returns its id; nothing is carried out yet.
    pub fn cancel(&self, subscription: &str) -> String {
        cancellation::request(&self.app, self.request(subscription))
            .unwrap()
            .cancellation
            .id
    }

    /// Runs the sagas and the money operations, letting time pass for those that wait, until all is
    /// quiet or `minutes` have passed.
    pub fn work(&self, minutes: i64) -> Result<(), Failure> {
        work(&self.app, self, minutes)
    }

    pub fn view(&self, cancellation: &str) -> CancellationView {
        cancellation::view(&self.app, cancellation)
            .unwrap()
            .expect("the cancellation is there")
    }

    /// What an account holds in SEK, `0.00` if nothing was ever posted to it.
    pub fn balance(&self, account: &str) -> String {
        let balances = trial_balance::trial_balance(&self.app, None).unwrap();
        let sek = balances.currencies.get("SEK");
        let found = sek
            .and_then(|sek| sek.accounts.get(account))
            .map(|money| money.to_decimal_string());
        found.unwrap_or_else(|| "0.00".to_owned())
    }

    /// Every promise about the books at once: those of [`Self::check_ledger`], and that they can be made
    /// again from what was told.
    pub fn check_books(&self) {
        self.check_ledger();
        crate::rebuild::assert_rebuilt(self);
    }

    /// The books verify, refunds stay within charges, and what the provider owes us is what the
    /// simulator's own balance says.
    pub fn check_ledger(&self) {
        seal_ledger::seal(&self.app, "test").unwrap();
        let verification = verify_ledger::verify(&self.app, &mut |_| {}).unwrap();
        assert!(
            verification.findings.is_empty(),
            "the ledger verifies: {:?}",
            verification.findings
        );
        let provider = self.provider();
        let truth = provider.balance_minor();
        drop(provider);
        let expected = money(truth, "SEK").unwrap().to_decimal_string();
        assert_eq!(
            self.balance("assets:provider:stripe"),
            expected,
            "the provider's account agrees with the provider"
        );
        self.check_unprocessed();
    }

    /// What is looked up of what is not processed is what the deliveries say.
    pub fn check_unprocessed(&self) {
        let of = |table: &str| {
            let columns =
                "id || '|' || state || '|' || due_at || '|' || received_at || '|' || lane";
            self.lines(&format!(
                "SELECT {columns} AS line FROM {table} WHERE state <> 'processed' ORDER BY 1"
            ))
        };
        assert_eq!(of("unprocessed_events"), of("events"));
        let others = "SELECT id AS line FROM unprocessed_events WHERE state = 'processed'";
        assert_eq!(self.lines(others), [""; 0]);
    }

    /// Refunds that really left, of one charge.
    pub fn refunds_paid(&self, charge: &str) -> usize {
        let provider = self.provider();
        let paid = |m: &&MoneyMovement| m.kind == MovementKind::Refund && m.charge == charge;
        provider.money_moved().iter().filter(paid).count()
    }

    /// The newest charge of a subscription at the provider.
    pub fn latest_charge(&self, subscription: &str) -> String {
        self.provider()
            .charges_of(subscription)
            .last()
            .expect("it was charged")
            .id
            .clone()
    }
}

/// Runs one process's background work by hand.
pub fn work(app: &App, world: &World, minutes: i64) -> Result<(), Failure> {
    let end = world.clock.now().saturating_add_seconds(minutes * 60);
    loop {
        let mut busy = process_events::drain(app)?.total();
        busy += cancellation::run_due(app)?;
        busy += refund_operation::run_due(app)?;
        if busy == 0 {
            if world.clock.now() >= end {
                return Ok(());
            }
            world.pass_seconds(5);
        }
    }
}

/// Runs one process's background work until the cancellation is at rest: completed or with a person,
/// and neither it nor any of its refunds is to be looked at within five minutes. Gives up after `minutes`.
pub fn settle(
    app: &App,
    world: &World,
    cancellation: &str,
    minutes: i64,
) -> Result<CancellationView, Failure> {
    let end = world.clock.now().saturating_add_seconds(minutes * 60);
    loop {
        let busy = process_events::drain(app)?.total()
            + cancellation::run_due(app)?
            + refund_operation::run_due(app)?;
        let view = world.view(cancellation);
        if busy == 0 {
            let soon = world.clock.now().saturating_add_seconds(300).as_micros();
            let refunds = view.refunds.iter().map(|refund| refund.due_at);
            let next = refunds.chain([view.row.due_at]).flatten().min();
            let ended = matches!(view.row.state.as_str(), "completed" | "attention");
            if ended && next.is_none_or(|at| at > soon) || world.clock.now() >= end {
                return Ok(view);
            }
            // To what is due next of it, a minute at most: of it nothing happens before.
            let waits = next.map_or(0, |at| (at - world.clock.now().as_micros()) / 1_000_000);
            world.pass_seconds(waits.clamp(5, 60));
        }
    }
}

pub fn monthly() -> Plan {
    Plan {
        name: "Bas".to_owned(),
        amount_minor: 24_900,
        tax_minor: 4_980,
        interval: Interval::Month,
        count: 1,
        trial_days: 0,
    }
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn app_over(
    url: &str,
    clock: &Clock,
    simulator: &Arc<Mutex<Simulator>>,
    seams: Seams,
    settings: &str,
) -> Arc<App> {
    let env = [
        (
            "AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS",
            WEBHOOK_SECRET,
        ),
        ("AVSTEM_CONNECTIONS__STRIPE__API_KEY", API_KEY),
    ];
    let env: Vec<(String, String)> = env
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    let transport = InProcess {
        simulator: Arc::clone(simulator),
        clock: clock.clone(),
    };
    let config = Config::from_parts(settings, &env).unwrap();
    Arc::new(App {
        store: Store::open(url).unwrap(),
        meters: Meters::new(&config, clock.now()).unwrap(),
        clock: clock.clone(),
        gateway: Gateway::new(transport),
        config,
        policy: Policy::reference().unwrap(),
        signals: Signals::default(),
        seams,
    })
}
