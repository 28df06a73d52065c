//! Every query that writes by a condition. What inserts rows, or brings rows with a key to new values,
//! looks for nothing but that key.

use super::{Call, calls};
use avstem::store::Lanes;

fn ids() -> Vec<String> {
    vec!["1".to_owned(), "2".to_owned()]
}

pub const WRITES: &[Call] = calls! {
    claim_waiting(9, 1, None, 9);
    claim_waiting(9, 1, Some(Lanes { first: 3, last: 5 }), 9);
    claim_events(&ids());
    finish_events(&ids(), "processed", 1);
    set_event_aside("1", "parked", "waits", 9);
    wake_parked(1);
    drop_bundles(&ids());
    note_conflict("1", "another body");
    requeue_events(&ids(), 1);
    set_link_due("1", None);
    set_members_due("stripe", "1", None);
    revoke_api_key("1", 1);
    drop_idempotent_request("1", "1");
    use_portal_session("1", 1);
    touch_account_session("1", "sv", 1);
    drop_account_session("1");
    drop_ended_account_sessions(1, 1);
    take_lease("sealer", "1", 1, 9);
    finish_file("1", 0);
    mark_posted(&[1, 2]);
};

/// Inserts and upserts: their names begin like this.
pub const BY_KEY: [&str; 3] = ["add_", "save_", "post_mail"];
