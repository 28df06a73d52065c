//! Keys, sessions, and leases.

use super::super::schema::{
    account_sessions, api_keys, idempotent_requests, leases, portal_sessions,
};
use diesel::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
pub struct ApiKey {
    pub id: String,
    pub name: String,
    pub role: String,
    pub secret_hash: String,
    pub created_at: i64,
    pub revoked_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotent_requests, treat_none_as_default_value = false)]
pub struct IdempotentRequest {
    pub api_key: String,
    pub key: String,
    pub fingerprint: String,
    pub status: Option<i64>,
    pub body: Option<String>,
    pub created_at: i64,
    pub lease_until: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = portal_sessions, treat_none_as_default_value = false)]
pub struct PortalSession {
    pub token_hash: String,
    pub customer_id: String,
    pub locale: String,
    pub return_url: Option<String>,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_sessions, treat_none_as_default_value = false)]
pub struct AccountSession {
    pub token_hash: String,
    pub customer_id: String,
    pub locale: String,
    pub return_url: Option<String>,
    pub form_token: String,
    pub last_seen_at: i64,
    pub expires_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = leases, treat_none_as_default_value = false)]
pub struct Lease {
    pub name: String,
    pub holder: String,
    pub until: i64,
}
