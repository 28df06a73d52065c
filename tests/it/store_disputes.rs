//! Disputes, what they moved, and payouts: written and read back through the store's own queries.

use crate::plain_rows::charge;
use crate::store_tables::{MAX, MIN, read, text, write};
use crate::world::World;
use avstem::store::rows::{Dispute, DisputeMovement, Payout};

fn dispute(id: &str) -> Dispute {
    Dispute {
        id: id.to_owned(),
        connection: "stripe".to_owned(),
        provider_id: format!("du_{id}"),
        charge_id: "1".to_owned(),
        amount: MAX,
        currency: text(),
        status: text(),
        reason: Some(text()),
        refundable: true,
        evidence_due_at: Some(MIN),
        lost: MAX,
        created_at: MIN,
        told_at: MAX,
        version: text(),
    }
}

fn movement(id: &str, dispute: &str, moved_at: i64) -> DisputeMovement {
    DisputeMovement {
        connection: "stripe".to_owned(),
        provider_id: id.to_owned(),
        dispute_id: dispute.to_owned(),
        direction: "withdrawn".to_owned(),
        amount: MAX,
        fee: MIN,
        fee_currency: text(),
        moved_at,
    }
}

fn disputes_and_what_they_moved_come_back(world: &mut World) {
    let bare = Dispute {
        reason: None,
        refundable: false,
        evidence_due_at: None,
        ..dispute("2")
    };
    let disputes = [dispute("1"), bare];
    let moved = [movement("b", "1", 1), movement("a", "1", 2)];
    write(world, |tx| Ok(tx.save_charges(&[charge("1")])?));
    for _ in 0..2 {
        write(world, |tx| {
            tx.save_disputes(&disputes)?;
            Ok(tx.add_dispute_movements(&moved)?)
        });
        let mut found = read(world, |tx| Ok(tx.disputes_by_charges(&["1".to_owned()])?));
        found.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(found, disputes);
        let ids = ["1", "2"].map(str::to_owned);
        assert_eq!(read(world, |tx| Ok(tx.movements_of_disputes(&ids)?)), moved);
    }
    let by_provider = read(world, |tx| {
        Ok(tx.disputes_by_provider_ids("stripe", &["du_2".to_owned()])?)
    });
    assert_eq!(by_provider, disputes[1..]);
}

/// A line of the provider's balance is what it was when it was first told.
fn a_movement_is_never_changed(world: &mut World) {
    write(world, |tx| {
        tx.save_charges(&[charge("1")])?;
        tx.save_disputes(&[dispute("1")])?;
        Ok(tx.add_dispute_movements(&[movement("a", "1", 1)])?)
    });
    let other = DisputeMovement {
        amount: 1,
        ..movement("a", "1", 2)
    };
    write(world, |tx| {
        Ok(tx.add_dispute_movements(std::slice::from_ref(&other))?)
    });
    let found = read(world, |tx| Ok(tx.movements_of_disputes(&["1".to_owned()])?));
    assert_eq!(found, [movement("a", "1", 1)]);
}

fn payouts_come_back(world: &mut World) {
    let payout = |id: &str, word: Option<String>, automatic| Payout {
        connection: "stripe".to_owned(),
        provider_id: id.to_owned(),
        amount: MIN,
        currency: text(),
        status: text(),
        arrival_date: text(),
        automatic,
        reconciliation: text(),
        trace_id: word.clone(),
        statement_descriptor: word.clone(),
        failure_code: word.clone(),
        original: word.clone(),
        reversed_by: word,
        created_at: MAX,
        told_at: MIN,
        version: text(),
        members_due_at: Some(MAX).filter(|_| automatic),
    };
    let payouts = [
        payout("po_1", Some(text()), true),
        payout("po_2", None, false),
    ];
    let ids = ["po_1", "po_2"].map(str::to_owned);
    for _ in 0..2 {
        write(world, |tx| Ok(tx.save_payouts(&payouts)?));
        let mut found = read(world, |tx| Ok(tx.payouts_by_provider_ids("stripe", &ids)?));
        found.sort_by(|a, b| a.provider_id.cmp(&b.provider_id));
        assert_eq!(found, payouts);
    }
    let due = |now: i64| read(world, |tx| Ok(tx.payouts_to_itemise(now, 9)?));
    assert_eq!(due(MAX - 1), []);
    assert_eq!(due(MAX), payouts[..1]);
    write(world, |tx| {
        tx.set_members_due("stripe", "po_1", None)?;
        Ok(tx.set_members_due("stripe", "po_2", Some(MIN))?)
    });
    let known = due(MAX);
    assert_eq!((known.len(), known[0].provider_id.as_str()), (1, "po_2"));
}

on_both_databases! {
    disputes_and_what_they_moved_come_back,
    a_movement_is_never_changed,
    payouts_come_back,
}
