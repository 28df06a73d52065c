//! The company's second account at the provider: a kiosk, without an API key, whose reports somebody
//! downloads and hands in. In its last full month everything happens that can make books, provider and
//! bank disagree.

use super::bank::{Booking, statement};
use super::client::Client;
use super::{DemoError, setup};
use crate::gateway::Https;
use avstem_domain::time::Timestamp;
use avstem_simulator::{
    ActivityRow, ChargeFee, Interval, PayoutRow, Plan, Settings, Shape, Simulator, activity_csv,
    payouts_csv,
};
use avstem_webhooks::outbound::{HttpRequest, Method};
use chrono::{Datelike, Days, Months, NaiveDate};
use std::cell::RefCell;
use std::collections::BTreeSet;

pub const CONNECTION: &str = "kiosk";

/// What the bank kept of a payout.
const KEPT_BY_BANK_MINOR: i64 = 2_500;
const OPENING_MINOR: i64 = 5_000_000;

pub struct Kiosk {
    /// The month's first and last day.
    pub month: (NaiveDate, NaiveDate),
    provider: RefCell<Simulator>,
    told: RefCell<BTreeSet<String>>,
    who: Who,
}

/// The provider's ids of what goes wrong.
struct Who {
    /// Charges whose rows in the report are spoilt.
    bo: String,
    carin: String,
    dag: String,
    elsa: String,
    /// Not on the month's bank statement.
    late_payout: String,
    /// Arrives without what the bank kept.
    short_payout: String,
}

/// The last full calendar month before `now`, by its first and last day.
fn last_full_month(now: Timestamp) -> (NaiveDate, NaiveDate) {
    let today = now.to_utc().date_naive();
    let this_month = today.with_day(1).unwrap_or(today);
    let first = this_month
        .checked_sub_months(Months::new(1))
        .unwrap_or(this_month);
    (first, this_month.pred_opt().unwrap_or(this_month))
}

impl Kiosk {
    /// Lives through the month, and on to `now`.
    pub fn live(now: Timestamp, seed: u64, webhook_secret: String) -> Self {
        let month = last_full_month(now);
        let settings = Settings {
            seed: seed.wrapping_add(1),
            webhook_secret,
            api_key: "sk_test_nobody_has_it".to_owned(),
            shape: Shape::Mixed,
            currency: "sek",
        };
        let mut life = Life {
            first: month.0,
            provider: Simulator::new(settings, at(month.0, 1)),
        };
        let who = life.happens();
        life.provider.advance_to(now);
        Self {
            month,
            provider: RefCell::new(life.provider),
            told: RefCell::default(),
            who,
        }
    }

    /// Delivers the webhooks that were not lost on the way.
    pub fn tell(&self, client: &Client, now: Timestamp) -> Result<usize, DemoError> {
        let mut provider = self.provider.borrow_mut();
        provider.advance_to(now);
        let due = provider.deliveries_due();
        for delivery in &due {
            let status = deliver(client, &delivery.headers, &delivery.body)?;
            provider.delivered(delivery.id, status);
            self.told.borrow_mut().insert(delivery.event.clone());
        }
        Ok(due.len())
    }

    /// Delivers the others, as somebody who presses "resend" in the provider's dashboard does.
    pub fn resend_lost(&self, client: &Client, now: Timestamp) -> Result<usize, DemoError> {
        let mut provider = self.provider.borrow_mut();
        provider.advance_to(now);
        let mut told = self.told.borrow_mut();
        let mut resent = 0;
        for delivery in provider.all_events() {
            if told.insert(delivery.event) {
                deliver(client, &delivery.headers, &delivery.body)?;
                resent += 1;
            }
        }
        Ok(resent)
    }

    /// The activity report with the provider's own mistakes in it.
    pub fn spoilt_report(&self) -> String {
        let mut rows = self.provider.borrow().activity();
        rows.retain(|row| row.source != self.who.carin);
        if let Some(dag) = rows.iter().find(|row| row.source == self.who.dag) {
            let twice = ActivityRow {
                transaction: format!("{}again", dag.transaction),
                ..dag.clone()
            };
            rows.push(twice);
        }
        for row in &mut rows {
            if row.source == self.who.bo {
                row.amount_minor += 1_000;
            } else if row.source == self.who.elsa {
                // Paid in crowns by what we were told. A payout is of one currency.
                row.customer_currency = "nok".to_owned();
                row.currency = "eur".to_owned();
                row.payout = None;
            } else if row.category == "dispute" {
                row.fee_minor += 4_500;
            }
        }
        activity_csv(&rows)
    }

    /// The row that was left out of the first report, and all others as they were in it.
    pub fn row_left_out(&self) -> String {
        let mut rows = self.provider.borrow().activity();
        rows.retain(|row| row.source == self.who.carin);
        activity_csv(&rows)
    }

    pub fn payouts_report(&self) -> String {
        payouts_csv(&self.provider.borrow().payout_activity())
    }

    /// The month at the bank: one payout is not there, one came short, and one line is nobody's.
    pub fn bank_statement(&self) -> String {
        let mut bookings: Vec<Booking> = self
            .arrivals()
            .into_iter()
            .filter(|payout| payout.payout != self.who.late_payout)
            .map(|payout| {
                let kept = if payout.payout == self.who.short_payout {
                    KEPT_BY_BANK_MINOR
                } else {
                    0
                };
                booking(&payout, -payout.amount_minor - kept)
            })
            .collect();
        bookings.push(Booking {
            on: day(self.month.0, 11),
            amount_minor: 7_700,
            from: "KIOSK PAYMENTS LTD",
            text: "KIOSK GOODWILL".to_owned(),
        });
        bookings.push(Booking {
            on: day(self.month.0, 25),
            amount_minor: -150_000,
            from: "FASTIGHETS AB HYRAN",
            text: "HYRA".to_owned(),
        });
        bookings.sort_by_key(|booking| booking.on);
        statement(1, self.month, OPENING_MINOR, &bookings)
    }

    /// A statement of the first days after the month: the payout that was missing.
    pub fn later_statement(&self) -> String {
        let on = self.first_day_after();
        let bookings: Vec<Booking> = self
            .arrivals()
            .into_iter()
            .filter(|payout| payout.payout == self.who.late_payout)
            .map(|payout| Booking {
                on,
                ..booking(&payout, -payout.amount_minor)
            })
            .collect();
        statement(2, (on, on), OPENING_MINOR, &bookings)
    }

    pub fn first_day_after(&self) -> NaiveDate {
        self.month.1.succ_opt().unwrap_or(self.month.1)
    }

    /// Payouts that arrive within the month.
    fn arrivals(&self) -> Vec<PayoutRow> {
        let rows = self.provider.borrow().payout_activity();
        let (first, last) = self.month;
        rows.into_iter()
            .filter(|row| row.status == "paid" && row.category == "payout")
            .filter(|row| (first..=last).contains(&row.arrives.to_utc().date_naive()))
            .collect()
    }
}

fn booking(payout: &PayoutRow, amount_minor: i64) -> Booking {
    Booking {
        on: payout.arrives.to_utc().date_naive(),
        amount_minor,
        from: "KIOSK PAYMENTS LTD",
        text: format!("KIOSK {}", payout.trace.as_deref().unwrap_or_default()),
    }
}

fn deliver(client: &Client, headers: &[(String, String)], body: &[u8]) -> Result<u16, DemoError> {
    let courier = Https::new().map_err(setup("an HTTP client"))?;
    let request = HttpRequest {
        method: Method::Post,
        target: format!("/webhooks/{CONNECTION}"),
        headers: headers.to_vec(),
        body: body.to_vec(),
    };
    let reply = courier.exchange_openly(client.base(), &request);
    let reply =
        reply.map_err(|error| DemoError::Api(format!("a webhook of the kiosk: {error}")))?;
    Ok(reply.status)
}

/// The month as it happens.
struct Life {
    first: NaiveDate,
    provider: Simulator,
}

impl Life {
    fn happens(&mut self) -> Who {
        self.provider.set_charge_fee(ChargeFee {
            basis_points: 150,
            fixed_minor: 180,
        });
        self.on(2);
        let adele = self.subscriber("Adele");
        let bo = self.subscriber("Bo");
        let carin = self.subscriber("Carin");
        let dag = self.subscriber("Dag");
        self.on(3);
        let late_payout = self.provider.pay_out().unwrap_or_default();
        self.on(5);
        let elsa = self.subscriber("Elsa");
        let folke = self.subscriber("Folke");
        self.on(6);
        let short_payout = self.provider.pay_out().unwrap_or_default();
        self.on(7);
        self.provider.open_dispute(&adele);
        self.on(9);
        self.subscriber("Greta");
        let refund = self.provider.dashboard_refund(&folke, None);
        self.on(12);
        // Folke's bank sends the refund back, and nobody tells us; nor of Hugo.
        self.provider.faults().drop_deliveries(100);
        self.provider.fail_refund(&refund.unwrap_or_default());
        self.subscriber("Hugo");
        self.provider.faults().drop_deliveries(0);
        self.on(15);
        self.provider.pay_out();
        self.on(20);
        self.subscriber("Ines");
        self.on(26);
        Who {
            bo,
            carin,
            dag,
            elsa,
            late_payout,
            short_payout,
        }
    }

    /// Goes on to a day of the month.
    fn on(&mut self, number: u32) {
        self.provider.advance_to(at(self.first, number));
    }

    /// Somebody subscribes, and pays: the charge's id.
    fn subscriber(&mut self, name: &str) -> String {
        let address = format!("{}@kiosk.example", name.to_lowercase());
        let customer = self.provider.create_customer(&address, name, "sv");
        let plan = Plan {
            name: "Kiosk".to_owned(),
            amount_minor: 12_900,
            tax_minor: 2_580,
            interval: Interval::Month,
            count: 1,
            trial_days: 0,
        };
        let subscription = self.provider.subscribe(&customer, &plan);
        let mut charges = self.provider.charges_of(&subscription);
        charges.pop().map(|charge| charge.id).unwrap_or_default()
    }
}

/// A day of a month, by its number from 1.
fn day(first: NaiveDate, number: u32) -> NaiveDate {
    first
        .checked_add_days(Days::new(u64::from(number.saturating_sub(1))))
        .unwrap_or(first)
}

/// Ten in the morning of that day, UTC.
fn at(first: NaiveDate, number: u32) -> Timestamp {
    let morning = day(first, number).and_hms_opt(10, 0, 0);
    morning
        .and_then(|morning| Timestamp::from_unix_seconds(morning.and_utc().timestamp()).ok())
        .unwrap_or(Timestamp::EPOCH)
}
