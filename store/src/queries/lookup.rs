//! Lists and single objects for the API, the pages and the exports: by our id or the provider's.

use super::{C, Db, NOT_BY_THIS, find_either};
use crate::rows::{Charge, Customer, Subscription, Verdict};
use crate::schema::{charges, customers, subscriptions, verdicts};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

pub fn find_customer(c: &mut C, id: &str) -> QueryResult<Option<Customer>> {
    find_either!(c, Customer, customers.provider_id, id, min_by)
}

/// Newest first.
pub fn list_customers(
    c: &mut C,
    email: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<Customer>> {
    let mut query = customers::table.into_boxed::<Db>();
    if let Some(email) = email {
        query = query.filter(customers::email.eq(email));
    }
    if let Some(before) = before {
        query = query.filter(customers::id.lt(before));
    }
    query
        .order(customers::id.desc())
        .limit(limit)
        .select(Customer::as_select())
        .load(c)
}

pub fn find_subscription(c: &mut C, id: &str) -> QueryResult<Option<Subscription>> {
    find_either!(c, Subscription, subscriptions.provider_id, id, min_by)
}

/// Newest first; `customer_id` is ours.
pub fn list_subscriptions(
    c: &mut C,
    customer_id: Option<&str>,
    status: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<Subscription>> {
    let mut query = subscriptions::table.into_boxed::<Db>();
    if let Some(customer_id) = customer_id {
        query = query.filter(subscriptions::customer_id.eq(customer_id));
    }
    if let Some(status) = status {
        query = query.filter(subscriptions::status.eq(status));
    }
    if let Some(before) = before {
        query = query.filter(subscriptions::id.lt(before));
    }
    query
        .order(subscriptions::id.desc())
        .limit(limit)
        .select(Subscription::as_select())
        .load(c)
}

pub fn find_charge(c: &mut C, id: &str) -> QueryResult<Option<Charge>> {
    find_either!(c, Charge, charges.provider_id, id, min_by)
}

/// For exports: in the order of our ids, made at `from` (inclusive) to `to` (exclusive).
pub fn charges_after(
    c: &mut C,
    from: Option<i64>,
    to: Option<i64>,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<Charge>> {
    let mut query = charges::table
        .into_boxed::<Db>()
        .filter(charges::id.gt(after));
    if let Some(from) = from {
        query = query.filter((charges::created_at + NOT_BY_THIS).ge(from));
    }
    if let Some(to) = to {
        query = query.filter((charges::created_at + NOT_BY_THIS).lt(to));
    }
    query
        .order(charges::id)
        .limit(limit)
        .select(Charge::as_select())
        .load(c)
}

pub fn subscriptions_after(
    c: &mut C,
    from: Option<i64>,
    to: Option<i64>,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<Subscription>> {
    let mut query = subscriptions::table
        .into_boxed::<Db>()
        .filter(subscriptions::id.gt(after));
    if let Some(from) = from {
        query = query.filter((subscriptions::created_at + NOT_BY_THIS).ge(from));
    }
    if let Some(to) = to {
        query = query.filter((subscriptions::created_at + NOT_BY_THIS).lt(to));
    }
    query
        .order(subscriptions::id)
        .limit(limit)
        .select(Subscription::as_select())
        .load(c)
}

pub fn refunds_after(
    c: &mut C,
    from: Option<i64>,
    to: Option<i64>,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<crate::rows::Refund>> {
    use crate::schema::refunds;
    let mut query = refunds::table
        .into_boxed::<Db>()
        .filter(refunds::id.gt(after));
    if let Some(from) = from {
        query = query.filter((refunds::created_at + NOT_BY_THIS).ge(from));
    }
    if let Some(to) = to {
        query = query.filter((refunds::created_at + NOT_BY_THIS).lt(to));
    }
    query
        .order(refunds::id)
        .limit(limit)
        .select(crate::rows::Refund::as_select())
        .load(c)
}

/// Verdicts after a key, for exports; decided at `from` (inclusive) to `to` (exclusive).
pub fn verdicts_after(
    c: &mut C,
    from: Option<i64>,
    to: Option<i64>,
    after: (&str, i64),
    limit: i64,
) -> QueryResult<Vec<Verdict>> {
    let (cancellation, position) = after;
    let mut query = verdicts::table.into_boxed::<Db>().filter(
        sql::<Bool>("(cancellation_id, position) > (")
            .bind::<Text, _>(cancellation)
            .sql(", ")
            .bind::<BigInt, _>(position)
            .sql(")"),
    );
    if let Some(from) = from {
        query = query.filter((verdicts::decided_at + NOT_BY_THIS).ge(from));
    }
    if let Some(to) = to {
        query = query.filter((verdicts::decided_at + NOT_BY_THIS).lt(to));
    }
    query
        .order((verdicts::cancellation_id, verdicts::position))
        .limit(limit)
        .select(Verdict::as_select())
        .load(c)
}
