//! API keys, idempotent requests, the customers' sessions, and leases.

use super::C;
use crate::rows::{AccountSession, ApiKey, IdempotentRequest, Lease, PortalSession};
use crate::schema::{account_sessions, api_keys, idempotent_requests, leases, portal_sessions};
use diesel::prelude::*;

pub fn add_api_key(c: &mut C, key: &ApiKey) -> QueryResult<()> {
    diesel::insert_into(api_keys::table)
        .values(key)
        .execute(c)
        .map(|_| ())
}

pub fn api_key(c: &mut C, id: &str) -> QueryResult<Option<ApiKey>> {
    api_keys::table
        .find(id)
        .select(ApiKey::as_select())
        .first(c)
        .optional()
}

/// Oldest first.
pub fn list_api_keys(c: &mut C) -> QueryResult<Vec<ApiKey>> {
    api_keys::table
        .order(api_keys::id)
        .select(ApiKey::as_select())
        .load(c)
}

/// Returns how many keys were revoked: 0 when there is no such key, or it was revoked before.
pub fn revoke_api_key(c: &mut C, id: &str, now: i64) -> QueryResult<usize> {
    diesel::update(
        api_keys::table
            .find(id)
            .filter(api_keys::revoked_at.is_null()),
    )
    .set(api_keys::revoked_at.eq(Some(now)))
    .execute(c)
}

pub fn idempotent_request(
    c: &mut C,
    api_key: &str,
    key: &str,
) -> QueryResult<Option<IdempotentRequest>> {
    idempotent_requests::table
        .find((api_key, key))
        .select(IdempotentRequest::as_select())
        .first(c)
        .optional()
}

pub fn save_idempotent_request(c: &mut C, row: &IdempotentRequest) -> QueryResult<()> {
    super::upsert!(
        c,
        idempotent_requests,
        std::slice::from_ref(row),
        [api_key, key],
        [status, body, lease_until]
    )
}

pub fn drop_idempotent_request(c: &mut C, api_key: &str, key: &str) -> QueryResult<()> {
    diesel::delete(idempotent_requests::table.find((api_key, key)))
        .execute(c)
        .map(|_| ())
}

pub fn add_portal_session(c: &mut C, row: &PortalSession) -> QueryResult<()> {
    diesel::insert_into(portal_sessions::table)
        .values(row)
        .execute(c)
        .map(|_| ())
}

/// Uses up a portal session that is fresh and unused; None when there is none.
pub fn use_portal_session(
    c: &mut C,
    token_hash: &str,
    now: i64,
) -> QueryResult<Option<PortalSession>> {
    let used = diesel::update(
        portal_sessions::table
            .find(token_hash)
            .filter(portal_sessions::used_at.is_null())
            .filter(portal_sessions::expires_at.gt(now)),
    )
    .set(portal_sessions::used_at.eq(Some(now)))
    .execute(c)?;
    if used == 0 {
        return Ok(None);
    }
    portal_sessions::table
        .find(token_hash)
        .select(PortalSession::as_select())
        .first(c)
        .optional()
}

pub fn add_account_session(c: &mut C, row: &AccountSession) -> QueryResult<()> {
    diesel::insert_into(account_sessions::table)
        .values(row)
        .execute(c)
        .map(|_| ())
}

pub fn account_session(c: &mut C, token_hash: &str) -> QueryResult<Option<AccountSession>> {
    account_sessions::table
        .find(token_hash)
        .select(AccountSession::as_select())
        .first(c)
        .optional()
}

pub fn touch_account_session(
    c: &mut C,
    token_hash: &str,
    locale: &str,
    now: i64,
) -> QueryResult<()> {
    diesel::update(account_sessions::table.find(token_hash))
        .set((
            account_sessions::last_seen_at.eq(now),
            account_sessions::locale.eq(locale),
        ))
        .execute(c)
        .map(|_| ())
}

pub fn drop_account_session(c: &mut C, token_hash: &str) -> QueryResult<()> {
    diesel::delete(account_sessions::table.find(token_hash))
        .execute(c)
        .map(|_| ())
}

/// Takes or extends a lease; returns whether `holder` has it now.
pub fn take_lease(c: &mut C, name: &str, holder: &str, now: i64, until: i64) -> QueryResult<bool> {
    let row = Lease {
        name: name.to_owned(),
        holder: holder.to_owned(),
        until,
    };
    diesel::insert_into(leases::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c)?;
    let free = leases::table
        .find(name)
        .filter(leases::holder.eq(holder).or(leases::until.le(now)));
    let taken = diesel::update(free).set((leases::holder.eq(holder), leases::until.eq(until)));
    Ok(changed!(c, taken)? == 1)
}
