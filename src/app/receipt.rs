//! The receipt of a cancellation: a letter in plain text that says what was asked, decided and done.

pub mod phrases;

use super::Failure;
use super::books::{money, time};
use super::cancellation::CancellationView;
use crate::config::Locale;
use crate::i18n::Speech;
use crate::store::rows::Refund;
use phrases::ToldVerdict;

/// A letter to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text; lines end with `\n`.
    pub body: String,
}

/// The receipt as things stand in `view`, with days and times of `zone`. Errors when a stored row
/// cannot be read.
pub fn compose(
    view: &CancellationView,
    locale: Locale,
    zone: chrono_tz::Tz,
) -> Result<Letter, Failure> {
    let speech = Speech { locale, zone };
    if view.row.state == "undone" {
        return taken_back(view, speech);
    }
    let mut body = Body::default();
    body.paragraph(speech.text("receipt-greeting"));
    body.paragraph(received(view, speech)?);
    if view.row.attention.is_some() {
        body.paragraph(speech.text("receipt-attention"));
    }
    body.heading(speech.text("receipt-stop"));
    body.paragraph(phrases::stop(&view.row, speech)?);
    body.heading(speech.text("receipt-charges"));
    if view.verdicts.is_empty() {
        body.paragraph(speech.text("receipt-no-charges"));
    }
    for row in &view.verdicts {
        let verdict = ToldVerdict::of_row(row, phrases::refund_choice(&view.row)?, speech)?;
        body.paragraph(charge(&verdict, speech));
    }
    body.heading(speech.text("receipt-refunds"));
    body.paragraph(refunds(&view.refunds, speech)?);
    body.paragraph(speech.with("receipt-id", &[("id", &view.row.id)]));
    body.paragraph(speech.text("receipt-keep"));
    Ok(Letter {
        subject: subject(view, speech),
        body: body.0,
    })
}

/// That the cancellation was taken back. Whoever did not want that learns whom to ask.
fn taken_back(view: &CancellationView, speech: Speech) -> Result<Letter, Failure> {
    let received = speech.moment(time(view.row.received_at)?);
    let at = time(view.row.undone_at.unwrap_or(view.row.received_at))?;
    let moments = [
        ("received", received.as_str()),
        ("moment", &speech.moment(at)),
    ];
    let mut body = Body::default();
    body.paragraph(speech.text("receipt-greeting"));
    body.paragraph(speech.with("receipt-undone", &moments));
    body.paragraph(speech.text("receipt-undone-objection"));
    body.paragraph(speech.with("receipt-id", &[("id", &view.row.id)]));
    body.paragraph(speech.text("receipt-keep"));
    let subject = match plan(view) {
        Some(plan) => speech.with("receipt-undone-subject", &[("plan", &plan)]),
        None => speech.text("receipt-undone-subject-plain"),
    };
    Ok(Letter {
        subject,
        body: body.0,
    })
}

/// A plan's name as it fits into a subject: one line, of no more than this many characters.
const PLAN_CHARS_MAX: usize = 80;

fn plan(view: &CancellationView) -> Option<String> {
    let plan = view.subscription.plan.as_deref()?;
    let line: String = plan
        .chars()
        .filter(|c| !c.is_control())
        .take(PLAN_CHARS_MAX)
        .collect();
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

fn subject(view: &CancellationView, speech: Speech) -> String {
    match plan(view) {
        Some(plan) => speech.with("receipt-subject", &[("plan", &plan)]),
        None => speech.text("receipt-subject-plain"),
    }
}

/// That the cancellation came in and when, and since when it counts if that is earlier.
fn received(view: &CancellationView, speech: Speech) -> Result<String, Failure> {
    let moment = speech.moment(time(view.row.received_at)?);
    let received = match plan(view) {
        Some(plan) => speech.with("receipt-received", &[("plan", &plan), ("moment", &moment)]),
        None => speech.with("receipt-received-plain", &[("moment", &moment)]),
    };
    if view.row.judged_at == view.row.received_at {
        return Ok(received);
    }
    let judged = speech.moment(time(view.row.judged_at)?);
    Ok(format!(
        "{received} {}",
        speech.with("receipt-judged", &[("moment", &judged)])
    ))
}

fn charge(verdict: &ToldVerdict, speech: Speech) -> String {
    let first = match &verdict.period {
        Some(period) => speech.with(
            "charge-for-period",
            &[("amount", &verdict.amount), ("period", period)],
        ),
        None => verdict.amount.clone(),
    };
    format!(
        "{first}\n{}\n{} {}",
        verdict.decision, verdict.explanation, verdict.clause
    )
}

fn refunds(refunds: &[Refund], speech: Speech) -> Result<String, Failure> {
    if refunds.is_empty() {
        return Ok(speech.text("receipt-no-refunds"));
    }
    let line = |refund: &Refund| {
        let amount = speech.money(money(refund.amount, &refund.currency)?);
        let state = phrases::refund_state(refund, speech)?;
        Ok::<_, Failure>(speech.with("receipt-refund", &[("amount", &amount), ("state", &state)]))
    };
    let lines = refunds.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    Ok(lines.join("\n"))
}

/// Paragraphs with an empty line between them.
#[derive(Default)]
struct Body(String);

impl Body {
    fn paragraph(&mut self, text: String) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(&text);
        self.0.push('\n');
    }

    /// Underlined, as plain text does it.
    fn heading(&mut self, text: String) {
        let line = "-".repeat(text.chars().count());
        self.paragraph(format!("{text}\n{line}"));
    }
}

#[cfg(test)]
mod tests;
