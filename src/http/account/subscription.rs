//! `/account/subscriptions/{id}`: the charges of a subscription, each with what a cancellation now
//! would do to it.

use super::charge::{ChargeCard, RefundLine};
use super::overview::{SubscriptionCard, card};
use super::page::{Answer, Frame, Trouble};
use super::{Desk, Made};
use crate::app::account::{self, Looked};
use crate::i18n::Speech;
use actix_web::http::StatusCode;
use askama::Template;
use avstem_domain::cancellation::StopStanding;

#[derive(Template)]
#[template(path = "account/subscription.html")]
struct SubscriptionPage {
    frame: Frame,
    t: Speech,
    card: SubscriptionCard,
    charges: Vec<ChargeCard>,
    offer: Offer,
}

/// What can be done about the subscription.
enum Offer {
    Cancel,
    /// It is canceled already: the cancellation's id.
    ShowCancellation(String),
    /// It is over, and nothing would be refunded.
    Nothing,
}

pub fn page(desk: &Desk<'_>, id: &str) -> Made {
    let t = desk.frame.t;
    let looked = account::subscription(desk.app, desk.visit, id)?.ok_or(Trouble::NotFound)?;
    let page = SubscriptionPage {
        frame: desk.frame.clone(),
        t,
        card: card(&looked.previewed.picture.subscription, t)?,
        charges: charges(&looked, t)?,
        offer: offer(&looked),
    };
    Answer::page(StatusCode::OK, &page)
}

/// Newest first, as the plan has them.
fn charges(looked: &Looked, t: Speech) -> Result<Vec<ChargeCard>, Trouble> {
    let pictures = &looked.previewed.picture.charges;
    let mut cards = Vec::new();
    for verdict in &looked.previewed.plan.verdicts {
        let id = verdict.charge.to_string();
        let picture = pictures.iter().find(|charge| charge.row.id == id);
        let mut card = ChargeCard::of_plan(verdict, picture, t)?;
        for refund in looked.refunds.iter().filter(|row| row.charge_id == id) {
            card.refunds.push(RefundLine::of(refund, t)?);
        }
        cards.push(card);
    }
    Ok(cards)
}

fn offer(looked: &Looked) -> Offer {
    if let Some(standing) = &looked.standing {
        return Offer::ShowCancellation(standing.id.clone());
    }
    let plan = &looked.previewed.plan;
    match plan.stop.standing {
        StopStanding::AlreadyStopped if plan.refunds().is_empty() => Offer::Nothing,
        StopStanding::AlreadyStopped | StopStanding::ToDo => Offer::Cancel,
    }
}
