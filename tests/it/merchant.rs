//! The samples' company: its settings, what its own system believes, and its files.

use crate::world::{World, at};
use avstem::app::books::absorb;
use avstem::app::progress::Progress;
use avstem::app::reconcile::{ReconcileRequest, ReconciliationView, reconcile};
use avstem::app::seams::Seams;
use avstem::app::statements::ImportError;
use avstem::app::statements::import::{ImportRequest, Imported, Target, import};
use avstem::app::statements::spool::Spool;
use avstem::app::{App, Failure};
use avstem_domain::charge::ChargeStatus;
use avstem_domain::event::{
    ChargeFact, DisputeStanding, Fact, InvoiceOfCharge, ProviderRefundStatus, RefundFact, Version,
};
use avstem_domain::id::{ProviderChargeId, ProviderRefundId};
use avstem_domain::money::{Currency, Money};
use avstem_domain::time::Timestamp;
use avstem_statements::formats::Format;
use avstem_webhooks::Observation;
use std::path::PathBuf;
use std::sync::Arc;

pub const SETTINGS: &str = r#"
[connections.paypal]
[connections.adyen]
[bank.main]
iban = "SE45 5000 0000 0583 9825 7466"
"#;

pub const STRIPE_PAYOUT_RECONCILIATION: &str = "stripe_payout_reconciliation_itemized_5.csv";
pub const STRIPE_PAYOUTS: &str = "stripe_payouts_itemized_3.csv";
pub const STRIPE_ACTIVITY: &str = "stripe_balance_change_from_activity_itemized_3.csv";
pub const STRIPE_HISTORY: &str = "stripe_balance_history_dashboard.csv";
pub const PAYPAL_SETTLEMENT: &str = "paypal_STL-20261015.01.009.CSV";
pub const PAYPAL_ACTIVITY: &str = "paypal_activity_download.csv";
pub const ADYEN_41: &str = "adyen_settlement_detail_report_batch_41.csv";
pub const ADYEN_42: &str = "adyen_settlement_detail_report_batch_42.csv";
pub const ADYEN_ACCOUNTING: &str = "adyen_payments_accounting_report_2026_10_06.csv";
pub const CAMT_02: &str = "bank_camt.053.001.02.xml";
pub const CAMT_08: &str = "bank_camt.053.001.08.xml";
pub const MT940: &str = "bank_mt940.sta";

/// Every file of the story, as it is handed in.
pub const FILES: &[(&str, &str)] = &[
    ("stripe", STRIPE_PAYOUT_RECONCILIATION),
    ("stripe", STRIPE_PAYOUTS),
    ("stripe", STRIPE_ACTIVITY),
    ("stripe", STRIPE_HISTORY),
    ("paypal", PAYPAL_SETTLEMENT),
    ("paypal", PAYPAL_ACTIVITY),
    ("adyen", ADYEN_41),
    ("adyen", ADYEN_42),
    ("adyen", ADYEN_ACCOUNTING),
    ("", CAMT_02),
    ("", CAMT_08),
    ("", MT940),
];

/// The company's service over a world's database.
pub fn company(world: &World) -> Arc<App> {
    company_with(world, "")
}

pub fn company_with(world: &World, settings: &str) -> Arc<App> {
    world.another_process_with(Seams::default(), &format!("{SETTINGS}{settings}"))
}

pub fn path(name: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("statements/fixtures").join(name)
}

pub fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

/// Hands a file in: for a connection, or as a bank statement.
pub fn hand_in(app: &App, connection: &str, bytes: &[u8]) -> Result<Imported, ImportError> {
    hand_in_as(app, connection, None, bytes)
}

pub fn hand_in_as(
    app: &App,
    connection: &str,
    format: Option<Format>,
    bytes: &[u8],
) -> Result<Imported, ImportError> {
    let target = if connection.is_empty() {
        Target::Bank { account: None }
    } else {
        Target::Settlement {
            connection: connection.to_owned(),
        }
    };
    let request = ImportRequest {
        target,
        format,
        by: "test".to_owned(),
    };
    let spooled = Spool::copy(&app.clock, bytes, &mut |_| ())?;
    import(app, &request, &spooled, &mut |_: Progress| ())
}

/// Hands in some of the story's files, in this order.
pub fn hand_in_all(app: &App, files: &[(&str, &str)]) {
    for (connection, name) in files {
        hand_in(app, connection, &bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

pub fn reconciled(app: &App, through: Option<&str>) -> ReconciliationView {
    let request = ReconcileRequest {
        connection: None,
        through: through.map(|day| day.parse().unwrap()),
        by: "test".to_owned(),
    };
    reconcile(app, &request, &mut |_| ()).unwrap()
}

/// A row of what the merchant's own system believes.
pub struct Believed {
    pub id: String,
    pub is_refund: bool,
    pub provider: String,
    pub at: Timestamp,
    pub amount: Money,
    pub reference: String,
}

pub fn believed() -> Vec<Believed> {
    let text = include_str!("fixtures/merchant_view.csv");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let currency = Currency::parse(cells[5]).unwrap();
        Believed {
            id: cells[0].to_owned(),
            is_refund: cells[1] == "refund",
            provider: cells[2].to_owned(),
            at: at(&cells[3].replace(' ', "T")),
            amount: Money::parse_decimal(cells[4].trim_start_matches('-'), currency).unwrap(),
            reference: cells[6].to_owned(),
        }
    };
    text.lines().skip(1).map(row).collect()
}

/// The charge that a refund of the story gives back.
fn charge_of(refund: &Believed) -> String {
    match refund.id.as_str() {
        "re_1SmpLR010000000000000" => "ch_1SmpLA040000000000000".to_owned(),
        "re_1SmpLR020000000000000" => "ch_1SmpLA050000000000000".to_owned(),
        "re_1SmpLR030000000000000" => "ch_1SmpLA030000000000000".to_owned(),
        "re_1SmpLR090000000000000" => "ch_1SmpLA010000000000000".to_owned(),
        // Elsewhere the order tells.
        _ => {
            believed()
                .into_iter()
                .find(|one| !one.is_refund && one.reference == refund.reference)
                .unwrap()
                .id
        }
    }
}

pub fn observation(fact: Fact, at: Timestamp) -> Observation {
    Observation {
        version: Version {
            terminal: false,
            observed_at: at,
            rank: 0,
            tie: String::new(),
        },
        fact,
    }
}

pub fn charge_fact(id: &str, amount: Money, at: Timestamp) -> Observation {
    let fact = ChargeFact {
        id: ProviderChargeId::parse(id).unwrap(),
        customer: None,
        payment: None,
        amount,
        refunded: Money::zero(amount.currency()),
        status: ChargeStatus::Succeeded,
        dispute: DisputeStanding::Undisputed,
        invoice: InvoiceOfCharge::None,
        created: at,
    };
    observation(Fact::Charge(fact), at)
}

pub fn refund_fact(
    id: &str,
    charge: &str,
    amount: Money,
    status: ProviderRefundStatus,
    created: Timestamp,
    told: Timestamp,
) -> Observation {
    let fact = RefundFact {
        id: ProviderRefundId::parse(id).unwrap(),
        charge: ProviderChargeId::parse(charge).ok(),
        payment: None,
        amount,
        status,
        failure_reason: None,
        pending_reason: None,
        ours: None,
        created,
    };
    observation(Fact::Refund(fact), told)
}

pub fn tell(app: &App, connection: &str, observations: &[Observation]) {
    app.store
        .write(|tx| absorb(tx, app.keeping(), connection, observations).map(drop))
        .unwrap_or_else(|error: Failure| panic!("{error:?}"));
}

/// What the merchant's own system believes comes as events, charges before refunds.
pub fn tell_what_is_believed(app: &App) {
    let rows = believed();
    for refunds in [false, true] {
        for row in rows.iter().filter(|row| row.is_refund == refunds) {
            let fact = if refunds {
                let paid = ProviderRefundStatus::Succeeded;
                refund_fact(&row.id, &charge_of(row), row.amount, paid, row.at, row.at)
            } else {
                charge_fact(&row.id, row.amount, row.at)
            };
            tell(app, &row.provider, &[fact]);
        }
    }
}
