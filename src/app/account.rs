//! What a customer sees and does on the account page.
//!
//! Everything here takes a [`Visit`] and looks only at what belongs to its customer: whose page it is
//! never comes from an address.

use super::cancellation::{
    self, CancellationView, Previewed, RequestCancellation, RequestError, RequestedBy,
};
use super::portal::token_hash;
use super::{App, Failure};
use crate::config::Locale;
use crate::i18n::Speech;
use crate::store::rows::{AccountSession, Cancellation, Refund, Subscription};
use avstem_domain::cancellation::{Plan, RefundChoice, Request, StopMode, plan};
use avstem_domain::time::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// A session ends when its customer has been away for so long, in seconds.
pub const IDLE_S: i64 = 30 * 60;
/// No session is older, in seconds.
pub const SESSION_MAX_S: i64 = 12 * 60 * 60;
/// How exactly the last sight of a customer is kept, in seconds: not every page is a write.
const SEEN_EVERY_S: i64 = 60;
/// Subscriptions and cancellations on the page.
const ROWS_MAX: i64 = 100;

/// A customer who is signed in. Only [`visit`] makes one.
#[derive(Debug, Clone)]
pub struct Visit {
    session: String,
    customer: String,
    form_token: SecretString,
    locale: Locale,
    return_url: Option<String>,
}

impl Visit {
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// Where the shop wants its customer back; http(s).
    #[must_use]
    pub fn return_url(&self) -> Option<&str> {
        self.return_url.as_deref()
    }

    /// What every form of the session carries.
    #[must_use]
    pub fn form_token(&self) -> &str {
        self.form_token.expose_secret()
    }

    #[must_use]
    pub fn speech(&self, app: &App) -> Speech {
        Speech {
            locale: self.locale,
            zone: app.config.time_zone,
        }
    }
}

/// Uses a link up and begins a session; the result is the session's token, for a cookie. None when
/// the link was used before, has expired or never was. `old` is the token of the browser's session
/// before, which ends: entering never goes on with a session that someone else may know.
pub fn enter(app: &App, link: &str, old: Option<&str>) -> Result<Option<SecretString>, Failure> {
    let (token, form_token) = (app.clock.secret()?, app.clock.secret()?);
    let now = app.clock.now();
    let entered = app.store.write(|tx| {
        let seen_before = now.saturating_add_seconds(-IDLE_S);
        tx.drop_ended_account_sessions(seen_before.as_micros(), now.as_micros())?;
        let Some(portal) = tx.use_portal_session(&token_hash(link), now.as_micros())? else {
            return Ok(false);
        };
        if let Some(old) = old {
            tx.drop_account_session(&token_hash(old))?;
        }
        tx.add_account_session(&AccountSession {
            token_hash: token_hash(&token),
            customer_id: portal.customer_id,
            locale: portal.locale,
            return_url: portal.return_url,
            form_token: form_token.clone(),
            last_seen_at: now.as_micros(),
            expires_at: now.saturating_add_seconds(SESSION_MAX_S).as_micros(),
        })?;
        Ok::<_, Failure>(true)
    })?;
    Ok(entered.then(|| SecretString::from(token)))
}

/// The customer behind a session's token; None when the session is over or never was.
pub fn visit(app: &App, token: &str) -> Result<Option<Visit>, Failure> {
    let now = app.clock.now();
    let hash = token_hash(token);
    let Some(row) = app
        .store
        .read(|tx| tx.account_session(&hash).map_err(Failure::from))?
    else {
        return Ok(None);
    };
    let away_us = now.as_micros().saturating_sub(row.last_seen_at);
    if now.as_micros() >= row.expires_at || away_us >= IDLE_S * 1_000_000 {
        return Ok(None);
    }
    if away_us >= SEEN_EVERY_S * 1_000_000 {
        app.store.write(|tx| {
            tx.touch_account_session(&hash, &row.locale, now.as_micros())
                .map_err(Failure::from)
        })?;
    }
    Ok(Some(Visit {
        session: hash,
        customer: row.customer_id,
        form_token: SecretString::from(row.form_token),
        locale: Locale::from_tag(&row.locale).unwrap_or(app.config.default_locale),
        return_url: row.return_url,
    }))
}

/// Ends the session.
pub fn leave(app: &App, visit: &Visit) -> Result<(), Failure> {
    app.store.write(|tx| {
        tx.drop_account_session(&visit.session)
            .map_err(Failure::from)
    })
}

/// From now on the session speaks `locale`.
pub fn speak(app: &App, visit: &Visit, locale: Locale) -> Result<(), Failure> {
    let now = app.clock.now().as_micros();
    app.store.write(|tx| {
        tx.touch_account_session(&visit.session, locale.as_str(), now)
            .map_err(Failure::from)
    })
}

/// Everything the customer has, newest first.
#[derive(Debug)]
pub struct Overview {
    pub subscriptions: Vec<Subscription>,
    pub cancellations: Vec<Cancellation>,
}

pub fn overview(app: &App, visit: &Visit) -> Result<Overview, Failure> {
    app.store.snapshot(|tx| {
        Ok(Overview {
            subscriptions: tx.list_subscriptions(Some(&visit.customer), None, None, ROWS_MAX)?,
            cancellations: tx.cancellations_of_customer(&visit.customer, ROWS_MAX)?,
        })
    })
}

/// A subscription with what a cancellation now would do to it.
#[derive(Debug)]
pub struct Looked {
    pub previewed: Previewed,
    /// The same without a refund, where that would leave the customer a paid period to use.
    pub without_refund: Option<Plan>,
    /// The cancellation that stands for it already.
    pub standing: Option<Cancellation>,
    /// All refunds of its charges, whoever made them; oldest first.
    pub refunds: Vec<Refund>,
}

/// None when the customer has no such subscription.
pub fn subscription(app: &App, visit: &Visit, id: &str) -> Result<Option<Looked>, Failure> {
    let found = app.store.snapshot(|tx| {
        let subscription = tx.find_subscription(id)?;
        let Some(subscription) = subscription.filter(|row| row.customer_id == visit.customer)
        else {
            return Ok(None);
        };
        let standing = tx.standing_cancellation(&subscription.id)?;
        let picture = cancellation::picture_of(tx, subscription)?;
        let charges: Vec<String> = picture
            .charges
            .iter()
            .map(|charge| charge.row.id.clone())
            .collect();
        let refunds = tx.refunds_by_charges(&charges)?;
        Ok::<_, Failure>(Some((picture, standing, refunds)))
    })?;
    let Some((picture, standing, mut refunds)) = found else {
        return Ok(None);
    };
    refunds.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let previewed = cancellation::previewed(app, picture, RefundChoice::Policy)?;
    let without_refund = without_refund(app, &previewed)?;
    Ok(Some(Looked {
        previewed,
        without_refund,
        standing,
        refunds,
    }))
}

/// The choice to keep the paid period exists where something would be refunded and a period runs.
fn without_refund(app: &App, previewed: &Previewed) -> Result<Option<Plan>, Failure> {
    if previewed.plan.refunds().is_empty() {
        return Ok(None);
    }
    let request = Request {
        judged_at: app.clock.now(),
        refund: RefundChoice::None,
    };
    let kept = plan(
        &previewed.picture.facts()?,
        request,
        &app.policy,
        app.config.time_zone,
    )?;
    Ok(match kept.stop.mode {
        StopMode::AtPeriodEnd => Some(kept),
        StopMode::Immediate => None,
    })
}

/// Cancels a subscription of the customer. `expected_latest_charge` is what the page showed.
pub fn cancel(
    app: &App,
    visit: &Visit,
    subscription: &str,
    refund: RefundChoice,
    expected_latest_charge: Option<String>,
) -> Result<Cancellation, RequestError> {
    let row = app.store.read(|tx| {
        tx.find_subscription(subscription)
            .map_err(RequestError::from)
    })?;
    let Some(row) = row.filter(|row| row.customer_id == visit.customer) else {
        return Err(RequestError::NotFound);
    };
    let command = RequestCancellation {
        subscription: row.id,
        requested_by: RequestedBy::Customer,
        refund,
        reason: None,
        requested_at: None,
        expected_latest_charge,
    };
    Ok(cancellation::request(app, command)?.cancellation)
}

/// A cancellation by our id; None when it is not the customer's.
pub fn cancellation(
    app: &App,
    visit: &Visit,
    id: &str,
) -> Result<Option<CancellationView>, Failure> {
    let view = cancellation::view(app, id)?;
    Ok(view.filter(|view| view.subscription.customer_id == visit.customer))
}

/// When the next payment is taken: what renews is paid again when its period or trial ends.
pub fn next_billing(row: &Subscription) -> Result<Option<Timestamp>, Failure> {
    let end = match row.status.as_str() {
        "trialing" => row.trial_end.or(row.period_end),
        "active" | "past_due" => row.period_end,
        _ => None,
    };
    super::books::optional_time(end.filter(|_| row.renewal == "renews" && row.cancel_at.is_none()))
}

/// When a subscription ends that does not renew, or when it ended.
pub fn end(row: &Subscription) -> Result<Option<Timestamp>, Failure> {
    let over = matches!(row.status.as_str(), "canceled" | "expired");
    let end = if over {
        row.ended_at.or(row.canceled_at)
    } else {
        row.cancel_at
            .or(row.period_end.filter(|_| row.renewal == "stops"))
    };
    super::books::optional_time(end)
}

#[cfg(test)]
mod tests;
