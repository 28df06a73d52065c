//! A year of a small company, month by month, in a world of its own: its clock is moved, so that a year
//! takes no longer than its webhooks.

use super::narrator::{Narrator, equal};
use super::{API_KEY, DemoError, Folder, setup};
use crate::app::measure::Meters;
use crate::app::receive_webhook;
use crate::app::seams::Seams;
use crate::app::signals::Signals;
use crate::app::trial_balance::trial_balance;
use crate::app::verify_ledger::verify;
use crate::app::{App, Failure, month_end, process_events, seal_ledger};
use crate::clock::Clock;
use crate::config::{Config, temporary_folder};
use crate::gateway::Gateway;
use crate::store::{ReadTx, Store};
use avstem_domain::money::{Currency, Money};
use avstem_domain::refund_policy::Policy;
use avstem_domain::revenue::{Month, schedule};
use avstem_domain::time::{BillingPeriod, Timestamp};
use avstem_simulator::{Interval, Plan, Settings, Shape, Simulator};
use chrono::NaiveDate;

const WEBHOOK_SECRET: &str = "whsec_demo_year";
const MONTHS: usize = 12;
/// A month is closed on the third day of the next.
const CLOSED_AFTER_S: i64 = 2 * 86_400;
/// Charges read at once.
const PAGE: i64 = 500;

/// The company, its books and its provider.
struct Year {
    app: App,
    simulator: Simulator,
    _folder: Folder,
}

/// Plays a year and closes its months.
pub(super) fn a_year(narrator: &mut Narrator) -> Result<(), DemoError> {
    narrator.chapter("A year of month ends");
    let mut year = Year::set()?;
    let refunded = year.begin();
    let mut month = Month::of(year.now().date_in(year.app.config.time_zone));
    let mut closed = 0;
    let mut as_scheduled = 0;
    for number in 0..MONTHS {
        // Noon of the month's last day.
        let end = month.end(year.app.config.time_zone);
        year.live_until(end.saturating_add_seconds(-43_200))?;
        if number == 3 {
            let charges = year.simulator.charges_of(&refunded);
            if let Some(charge) = charges.last() {
                let _ = year.simulator.dashboard_refund(&charge.id, None);
            }
        }
        year.live_until(end.saturating_add_seconds(CLOSED_AFTER_S))?;
        let statement = month_end::close(&year.app, month, "demo", &mut |_| {});
        closed += usize::from(statement.map_err(setup("a month end"))?.of.month == month);
        let stands = year.deferred(month.last_day());
        let scheduled = year.scheduled(month);
        as_scheduled += usize::from(
            stands.map_err(setup("its books"))? == scheduled.map_err(setup("its books"))?,
        );
        month = month.next();
    }
    narrator.claim(
        "twelve months are closed, in order",
        equal(&closed, &MONTHS),
    );
    narrator.claim(
        "after each of them deferred revenue is what the charges' schedules say",
        equal(&as_scheduled, &MONTHS),
    );
    year.tell_end(narrator).map_err(setup("its books"))
}

impl Year {
    fn set() -> Result<Self, DemoError> {
        let now = Timestamp::parse_rfc3339("2025-10-01T10:00:00Z").map_err(setup("a day"))?;
        let folder =
            temporary_folder().join(format!("avstem-demo-{}", Clock::system().uuid().simple()));
        std::fs::create_dir_all(&folder).map_err(setup("a temporary folder"))?;
        let folder = Folder(folder);
        let settings = format!(
            "[connections.stripe]\nwebhook_secrets = [{WEBHOOK_SECRET:?}]\napi_key = {API_KEY:?}\n"
        );
        let config = Config::from_parts(&settings, &[]).map_err(setup("its settings"))?;
        let store = Store::scratch(&folder.0.join("year.db").to_string_lossy())
            .map_err(setup("the database"))?;
        store.migrate().map_err(setup("the database"))?;
        let app = App {
            store,
            clock: Clock::manual(now),
            gateway: Gateway::https().map_err(setup("an HTTP client"))?,
            policy: Policy::reference().map_err(setup("the reference policy"))?,
            signals: Signals::default(),
            seams: Seams::default(),
            meters: Meters::new(&config, now).map_err(setup("its metrics"))?,
            config,
        };
        let settings = Settings {
            seed: 12,
            webhook_secret: WEBHOOK_SECRET.to_owned(),
            api_key: API_KEY.to_owned(),
            shape: Shape::Mixed,
            currency: "sek",
        };
        Ok(Self {
            app,
            simulator: Simulator::new(settings, now),
            _folder: folder,
        })
    }

    fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// The first subscribers. Returns the subscription of whom a charge will be refunded.
    fn begin(&mut self) -> String {
        let plan = |interval, amount_minor: i64| Plan {
            name: "Bas".to_owned(),
            amount_minor,
            tax_minor: amount_minor / 5,
            interval,
            count: 1,
            trial_days: 0,
        };
        let mut last = String::new();
        for (name, plan) in [
            ("Astrid", plan(Interval::Year, 249_001)),
            ("Bodil", plan(Interval::Week, 4_999)),
            ("Cornelius", plan(Interval::Month, 49_900)),
            ("Disa", plan(Interval::Month, 24_900)),
        ] {
            let address = format!("{}@kund.example", name.to_lowercase());
            let customer = self.simulator.create_customer(&address, name, "sv");
            last = self.simulator.subscribe(&customer, &plan);
        }
        last
    }

    /// Day by day: what the provider does, and its webhooks.
    fn live_until(&mut self, end: Timestamp) -> Result<(), DemoError> {
        while self.now() < end {
            let tomorrow = self.now().saturating_add_seconds(86_400).min(end);
            self.app.clock.set(tomorrow);
            self.simulator.advance_to(tomorrow);
            self.deliver().map_err(setup("its webhooks"))?;
        }
        Ok(())
    }

    fn deliver(&mut self) -> Result<(), Failure> {
        loop {
            let due = self.simulator.deliveries_due();
            if due.is_empty() {
                break;
            }
            let mut events = Vec::with_capacity(due.len());
            for delivery in &due {
                let body = delivery.body.clone();
                let event = receive_webhook::admit(&self.app, "stripe", &delivery.headers, body);
                events.push(event.map_err(|error| Failure::unreadable("a webhook", error))?);
            }
            receive_webhook::store(&self.app, &events)?;
            for delivery in due {
                self.simulator.delivered(delivery.id, 200);
            }
        }
        process_events::drain(&self.app)?;
        Ok(())
    }

    /// What is deferred in the books at the end of a day.
    fn deferred(&self, day: NaiveDate) -> Result<Money, Failure> {
        let balances = trial_balance(&self.app, Some(day))?;
        let sek = balances.currencies.get("SEK");
        let found = sek.and_then(|sek| sek.accounts.get("liabilities:deferred_revenue"));
        let nothing = Money::zero(swedish()?);
        Ok(found.copied().unwrap_or(nothing).checked_neg()?)
    }

    /// What the charges' schedules say is earned after a month. Who got all back has nothing to earn.
    fn scheduled(&self, closed: Month) -> Result<Money, Failure> {
        let zone = self.app.config.time_zone;
        self.app.store.read(|tx: &mut ReadTx<'_>| {
            let mut sum = Money::zero(swedish()?);
            let until = Some(closed.end(zone).as_micros());
            for charge in tx.charges_after(None, until, "", PAGE)? {
                let Some(invoice) = charge.invoice.filter(|_| charge.decided == 0) else {
                    continue;
                };
                let net = charge.amount.saturating_sub(charge.booked_vat);
                for invoice in tx.invoices_by_provider_ids("stripe", &[invoice])? {
                    let at = |micros: Option<i64>| Timestamp::from_micros(micros.unwrap_or(0));
                    let period = at(invoice.period_start)
                        .and_then(|start| BillingPeriod::new(start, at(invoice.period_end)?))
                        .map_err(|error| Failure::unreadable("a period", error))?;
                    let parts = schedule(Money::from_minor(net, swedish()?), period, None, zone)?;
                    for (month, part) in parts {
                        if month > closed {
                            sum = sum.checked_add(part)?;
                        }
                    }
                }
            }
            Ok(sum)
        })
    }

    fn tell_end(&self, narrator: &mut Narrator) -> Result<(), Failure> {
        seal_ledger::seal_now(&self.app)?;
        let verification = verify(&self.app, &mut |_| {})?;
        let outcome = match verification.findings.first() {
            None => equal(&verification.statements.checked, &12),
            Some(finding) => Err(finding.to_string()),
        };
        narrator.claim(
            "every closing statement is what the books said then",
            outcome,
        );
        Ok(())
    }
}

fn swedish() -> Result<Currency, Failure> {
    Ok(Currency::parse("SEK")?)
}
