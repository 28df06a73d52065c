//! Rows with as little in them as their table allows, to be filled in by a test.

use avstem::store::rows::*;

const MIN: i64 = i64::MIN;

pub fn event(id: &str) -> Event {
    Event {
        id: id.to_owned(),
        connection: "stripe".to_owned(),
        dedupe_key: format!("evt_{id}"),
        provider_event_id: None,
        kind: None,
        state: "received".to_owned(),
        attempts: 0,
        error: None,
        conflict: None,
        received_at: 1,
        processed_at: None,
        due_at: 1,
        lane: 0,
        headers: String::new(),
        body: Vec::new(),
    }
}

pub fn customer(id: &str) -> Customer {
    Customer {
        id: id.to_owned(),
        connection: "stripe".to_owned(),
        provider_id: format!("cus_{id}"),
        email: None,
        name: None,
        locale: None,
        status: "active".to_owned(),
        version: String::new(),
    }
}

pub fn subscription(id: &str, customer: &str) -> Subscription {
    Subscription {
        id: id.to_owned(),
        connection: "stripe".to_owned(),
        provider_id: format!("sub_{id}"),
        customer_id: customer.to_owned(),
        status: String::new(),
        plan: None,
        price: None,
        currency: None,
        interval_unit: None,
        interval_count: None,
        period_start: None,
        period_end: None,
        trial_end: None,
        renewal: "renews".to_owned(),
        cancel_at: None,
        canceled_at: None,
        ended_at: None,
        created_at: MIN,
        version: String::new(),
        seen_renewing_at: None,
    }
}

pub fn charge(id: &str) -> Charge {
    Charge {
        id: id.to_owned(),
        connection: "stripe".to_owned(),
        provider_id: format!("ch_{id}"),
        customer_id: None,
        payment: None,
        amount: MIN,
        currency: String::new(),
        status: String::new(),
        dispute: String::new(),
        created_at: MIN,
        version: String::new(),
        invoice: None,
        refunded: MIN,
        refunded_hint: MIN,
        decided: MIN,
        booked_as: None,
        booked_vat: MIN,
        bookings: MIN,
        link_due_at: None,
        dispute_hint: String::new(),
        lost: 0,
        recognised: 0,
        earned_through: None,
        unearned: false,
    }
}

pub fn refund(id: &str, charge: &str) -> Refund {
    Refund {
        id: id.to_owned(),
        connection: "stripe".to_owned(),
        provider_id: None,
        charge_id: charge.to_owned(),
        amount: 1,
        currency: String::new(),
        state: "pending".to_owned(),
        origin: "avstem".to_owned(),
        policy_conform: None,
        failure_reason: None,
        reason: None,
        cancellation_id: None,
        code: None,
        request_ref: None,
        idempotency_key: None,
        request_target: None,
        request_body: None,
        first_sent_at: None,
        attempts: MIN,
        due_at: None,
        lease_until: MIN,
        fence: MIN,
        attention: None,
        created_at: MIN,
        version: String::new(),
        pending_reason: None,
        state_since: MIN,
        decided: MIN,
        judged_in: None,
        judged_by: None,
    }
}

pub fn cancellation(id: &str, subscription: &str) -> Cancellation {
    Cancellation {
        id: id.to_owned(),
        subscription_id: subscription.to_owned(),
        origin: "avstem".to_owned(),
        state: "requested".to_owned(),
        step: "requested".to_owned(),
        requested_by: "shop".to_owned(),
        refund: "none".to_owned(),
        reason: None,
        received_at: MIN,
        judged_at: MIN,
        stop_mode: None,
        stop_effective_at: None,
        stop_done_at: None,
        policy_version: None,
        attention: None,
        trouble: None,
        attempts: MIN,
        due_at: None,
        lease_until: MIN,
        fence: MIN,
        stop_asked_at: None,
        undo_requested_at: None,
        undone_at: None,
        version: String::new(),
    }
}

/// The first has the number 1, each other the next; one voucher each.
pub fn voucher_batch(batch: i64) -> VoucherBatch {
    VoucherBatch {
        batch,
        first_day: None,
        last_day: None,
        last_position: MIN,
        voucher_per: "day".to_owned(),
        series: "K".to_owned(),
        first_number: batch,
        vouchers: 1,
        exported_at: MIN,
    }
}

pub fn translated_balance(batch: i64) -> TranslatedBalance {
    TranslatedBalance {
        batch,
        account: "assets:provider:stripe".to_owned(),
        currency: "EUR".to_owned(),
        amount: MIN,
        books: MIN,
    }
}
