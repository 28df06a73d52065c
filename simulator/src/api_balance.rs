//! Lists of payouts and of what they are made of.

use crate::Simulator;
use crate::answer::ApiError;
use crate::api::Found;
use crate::api_lists::Range;
use crate::objects_money::{BalanceTransaction, Itemised, Payout};
use crate::params::Params;
use crate::render_money::BANK_ACCOUNT;

impl Simulator {
    pub(crate) fn list_payouts(&self, params: &Params) -> Result<Found, ApiError> {
        let own = ["status", "destination", "arrival_date["];
        let arrival = Range::of(params, "arrival_date")?;
        let is = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
        self.page(&self.payouts, params, "/v1/payouts", &own, |payout| {
            is("status", payout.status.as_str())
                && is("destination", BANK_ACCOUNT)
                && arrival.contains(payout.arrives)
        })
    }

    pub(crate) fn list_balance_transactions(&self, params: &Params) -> Result<Found, ApiError> {
        let own = ["payout", "source", "type", "currency"];
        let is = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
        let payout = match params.get("payout") {
            Some(id) => Some(self.payout_to_itemise(id)?),
            None => None,
        };
        let url = "/v1/balance_transactions";
        self.page(
            &self.balance_transactions,
            params,
            url,
            &own,
            |transaction| {
                is("source", &transaction.source)
                    && is("type", transaction.kind.as_str())
                    && is("currency", self.settings.currency)
                    && payout.is_none_or(|payout| is_listed_in(transaction, payout))
            },
        )
    }

    fn payout_to_itemise(&self, id: &str) -> Result<&Payout, ApiError> {
        let payout = self.payouts.get(id);
        let payout = payout.ok_or_else(|| ApiError::missing("payout", id))?;
        match payout.itemised {
            Itemised::InProgress | Itemised::Completed => Ok(payout),
            Itemised::Never => Err(ApiError::refused(
                "Balance transaction history can only be filtered on automatic payouts, not manual.",
            )),
        }
    }
}

/// Before `payout.reconciliation_completed` the list is not complete: here the payout's own line only.
fn is_listed_in(transaction: &BalanceTransaction, payout: &Payout) -> bool {
    let complete = match payout.itemised {
        Itemised::Completed => true,
        Itemised::InProgress | Itemised::Never => false,
    };
    transaction.payout.as_ref() == Some(&payout.id)
        && (complete || transaction.id == payout.balance_transaction)
}
