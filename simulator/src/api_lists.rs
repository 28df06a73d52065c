//! Lists: filters, and pages from the newest object back.

use avstem_domain::time::Timestamp;

use crate::Simulator;
use crate::answer::ApiError;
use crate::api::{Found, Page};
use crate::objects::{Invoice, InvoicePayment, Subscription, SubscriptionStatus};
use crate::params::Params;
use crate::table::{Listed, Table};

/// Parameters of every list.
const PAGING: [&str; 3] = ["limit", "starting_after", "created["];
const LIMIT_DEFAULT: i64 = 10;
const LIMIT_MAX: i64 = 100;
/// The events list reaches back 30 days.
const EVENTS_KEPT_S: i64 = 30 * 86_400;

impl Simulator {
    pub(crate) fn list(&self, list: &str, path: &str, params: &Params) -> Result<Found, ApiError> {
        let is = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
        match list {
            "customers" => self.page(
                &self.customers,
                params,
                "/v1/customers",
                &["email"],
                |customer| is("email", &customer.email),
            ),
            "subscriptions" => {
                let own = ["customer", "status"];
                self.page(
                    &self.subscriptions,
                    params,
                    "/v1/subscriptions",
                    &own,
                    |subscription| {
                        is("customer", &subscription.customer)
                            && shows(subscription, params.get("status"))
                    },
                )
            }
            "invoices" => {
                let own = ["customer", "subscription", "status"];
                self.page(
                    &self.invoices,
                    params,
                    "/v1/invoices",
                    &own,
                    |invoice: &Invoice| {
                        is("customer", &invoice.customer)
                            && is("subscription", &invoice.subscription)
                            && is("status", invoice.status.as_str())
                    },
                )
            }
            "invoice_payments" => self.list_invoice_payments(params),
            "events" => {
                let since = self.now.saturating_add_seconds(-EVENTS_KEPT_S);
                self.page(
                    &self.events,
                    params,
                    "/v1/events",
                    &["type", "types["],
                    |event| {
                        event.created >= since
                            && is("type", event.kind)
                            && params.allows_type(event.kind)
                    },
                )
            }
            _ => self.list_payments(list, path, params),
        }
    }

    fn list_payments(&self, list: &str, path: &str, params: &Params) -> Result<Found, ApiError> {
        let is = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
        match list {
            "payment_intents" => {
                let own = ["customer"];
                self.page(
                    &self.payment_intents,
                    params,
                    "/v1/payment_intents",
                    &own,
                    |intent| is("customer", &intent.customer),
                )
            }
            "charges" => {
                let own = ["customer", "payment_intent"];
                self.page(&self.charges, params, "/v1/charges", &own, |charge| {
                    is("customer", &charge.customer) && is("payment_intent", &charge.payment_intent)
                })
            }
            "refunds" => {
                let own = ["charge", "payment_intent"];
                self.page(&self.refunds, params, "/v1/refunds", &own, |refund| {
                    is("charge", &refund.charge) && is("payment_intent", &refund.payment_intent)
                })
            }
            "disputes" => {
                let own = ["charge", "payment_intent"];
                self.page(&self.disputes, params, "/v1/disputes", &own, |dispute| {
                    is("charge", &dispute.charge) && is("payment_intent", &dispute.payment_intent)
                })
            }
            "payouts" => self.list_payouts(params),
            "balance_transactions" => self.list_balance_transactions(params),
            _ => Err(ApiError::unknown_route("GET", path)),
        }
    }

    fn list_invoice_payments(&self, params: &Params) -> Result<Found, ApiError> {
        let own = [
            "invoice",
            "status",
            "payment[type]",
            "payment[payment_intent]",
        ];
        params.only(&[&own[..], &PAGING[..]].concat())?;
        let intent = params.get("payment[payment_intent]");
        if intent.is_some() && params.required("payment[type]")? != "payment_intent" {
            let message = "payment[payment_intent] needs payment[type]=payment_intent.";
            return Err(ApiError::parameter(
                "parameter_invalid",
                "payment[type]",
                message,
            ));
        }
        let keep = |payment: &InvoicePayment| {
            params.get("invoice").is_none_or(|id| id == payment.invoice)
                && params
                    .get("status")
                    .is_none_or(|status| status == payment.status.as_str())
                && intent.is_none_or(|id| id == payment.payment_intent)
        };
        self.page(
            &self.invoice_payments,
            params,
            "/v1/invoice_payments",
            &own,
            keep,
        )
    }

    /// The page that the parameters ask for, of the rows that `keep` keeps. `own` are the list's own
    /// parameters. What was made within the planned lag is not in any list yet.
    pub(crate) fn page<T: Listed>(
        &self,
        table: &Table<T>,
        params: &Params,
        url: &'static str,
        own: &[&str],
        keep: impl Fn(&T) -> bool,
    ) -> Result<Found, ApiError> {
        params.only(&[own, &PAGING[..]].concat())?;
        let limit = params.integer("limit")?.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            let message = format!("A page has 1 to {LIMIT_MAX} objects, not {limit}.");
            return Err(ApiError::parameter(
                "parameter_invalid_integer",
                "limit",
                message,
            ));
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let after = params.get("starting_after");
        if let Some(after) = after.filter(|after| table.get(after).is_none()) {
            let missing = ApiError::missing("object", after);
            return Err(ApiError {
                status: 400,
                ..missing
            });
        }
        let range = Range::of(params, "created")?;
        let shown_until = self.now.saturating_add_seconds(-self.faults.list_lag_s());
        let mut ids = table
            .newest_first()
            .skip_while(|row| after.is_some_and(|after| row.id() != after))
            .skip(usize::from(after.is_some()))
            .filter(|row| row.created() <= shown_until)
            .filter(|row| range.contains(row.created()) && keep(row))
            .map(|row| row.id().to_owned());
        let shown: Vec<String> = ids.by_ref().take(limit).collect();
        Ok(Found::Page(Page {
            ids: shown,
            has_more: ids.next().is_some(),
            url,
        }))
    }
}

/// Without a status Stripe lists what is not canceled.
fn shows(subscription: &Subscription, status: Option<&str>) -> bool {
    match status {
        Some("all") => true,
        Some("ended") => subscription.status.is_over(),
        Some(wanted) => subscription.status.as_str() == wanted,
        None => subscription.status != SubscriptionStatus::Canceled,
    }
}

/// Such as `created[gte|gt|lte|lt]`.
pub(crate) struct Range {
    gte: Option<Timestamp>,
    gt: Option<Timestamp>,
    lte: Option<Timestamp>,
    lt: Option<Timestamp>,
}

impl Range {
    pub(crate) fn of(params: &Params, name: &str) -> Result<Self, ApiError> {
        let bound = |which: &str| params.time(&format!("{name}[{which}]"));
        Ok(Self {
            gte: bound("gte")?,
            gt: bound("gt")?,
            lte: bound("lte")?,
            lt: bound("lt")?,
        })
    }

    pub(crate) fn contains(&self, at: Timestamp) -> bool {
        self.gte.is_none_or(|bound| at >= bound)
            && self.gt.is_none_or(|bound| at > bound)
            && self.lte.is_none_or(|bound| at <= bound)
            && self.lt.is_none_or(|bound| at < bound)
    }
}
