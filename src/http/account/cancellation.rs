//! `/account/cancellations/{id}`: how a cancellation goes, and its receipt.

use super::charge::{self, ChargeCard, GRANTED, REFUSED, RefundLine};
use super::overview::state;
use super::page::{Answer, Frame, Trouble};
use super::{Desk, Made};
use crate::app::account;
use crate::app::books::time;
use crate::app::cancellation::CancellationView;
use crate::app::receipt::phrases::{self, ToldVerdict};
use crate::i18n::Speech;
use crate::store::rows::Receipt;
use actix_web::http::StatusCode;
use askama::Template;

#[derive(Template)]
#[template(path = "account/cancellation.html")]
struct CancellationPage {
    frame: Frame,
    t: Speech,
    id: String,
    title: String,
    state: String,
    received: String,
    /// Since when it counts, where that is earlier.
    counted: Option<String>,
    stop: String,
    /// What to say while a person looks at it.
    attention: Option<String>,
    verdicts: Vec<ChargeCard>,
    refunds: Vec<RefundLine>,
    /// What to say when there is no refund.
    no_refunds: String,
    /// The subscription, where the customer may still ask for a refund there.
    ask_here: Option<String>,
    receipt: ReceiptShown,
}

enum ReceiptShown {
    Here(Box<Receipt>),
    Later,
    /// We had no part in it.
    Never,
}

pub fn page(desk: &Desk<'_>, id: &str) -> Made {
    let t = desk.frame.t;
    let view = account::cancellation(desk.app, desk.visit, id)?.ok_or(Trouble::NotFound)?;
    let row = &view.row;
    let moment = |at: i64| Ok::<_, Trouble>(t.moment(time(at)?));
    let looked_at = row.attention.is_some() || row.state == "attention";
    let name = charge::name(&view.subscription, t);
    let page = CancellationPage {
        frame: desk.frame.clone(),
        t,
        id: row.id.clone(),
        title: t.with("cancellation-title", &[("plan", &name)]),
        state: state(row, t)?,
        received: moment(row.received_at)?,
        counted: (row.judged_at != row.received_at)
            .then(|| moment(row.judged_at))
            .transpose()?,
        stop: phrases::stop(row, t)?,
        attention: looked_at.then(|| t.text("cancellation-attention")),
        verdicts: verdicts(&view, t)?,
        refunds: view
            .refunds
            .iter()
            .map(|refund| RefundLine::of(refund, t))
            .collect::<Result<_, _>>()?,
        no_refunds: no_refunds(&view, t),
        ask_here: (row.origin == "provider" && row.state != "undone")
            .then(|| row.subscription_id.clone()),
        receipt: match newest(&view, t) {
            Some(receipt) => ReceiptShown::Here(Box::new(receipt.clone())),
            None if row.origin == "provider" => ReceiptShown::Never,
            None => ReceiptShown::Later,
        },
    };
    Answer::page(StatusCode::OK, &page)
}

/// The stored receipt as a file.
pub fn receipt(desk: &Desk<'_>, id: &str) -> Made {
    let view = account::cancellation(desk.app, desk.visit, id)?.ok_or(Trouble::NotFound)?;
    let receipt = newest(&view, desk.frame.t).ok_or(Trouble::NotFound)?;
    let text = format!("{}\n\n{}", receipt.subject, receipt.body);
    Ok(Answer::text(format!("{}.txt", view.row.id), text))
}

/// A later issue says what an earlier one says, and more.
fn newest(view: &CancellationView, t: Speech) -> Option<&Receipt> {
    let own = view
        .receipts
        .iter()
        .filter(|receipt| receipt.locale == t.locale.as_str());
    own.max_by_key(|receipt| receipt.number)
}

fn verdicts(view: &CancellationView, t: Speech) -> Result<Vec<ChargeCard>, Trouble> {
    let choice = phrases::refund_choice(&view.row)?;
    let mut cards = Vec::new();
    for verdict in &view.verdicts {
        let style = if verdict.refund_amount.is_some() {
            GRANTED
        } else {
            REFUSED
        };
        cards.push(ChargeCard::of_stored(
            ToldVerdict::of_row(verdict, choice, t)?,
            style,
        ));
    }
    Ok(cards)
}

/// Before the refunds are decided, nobody says that there are none.
fn no_refunds(view: &CancellationView, t: Speech) -> String {
    if view.row.origin == "provider" {
        return t.text("cancellation-elsewhere");
    }
    match view.row.step.as_str() {
        "refund_requested" | "finished" => t.text("receipt-no-refunds"),
        _ => t.text("cancellation-refunds-later"),
    }
}
