//! Vouchers that have left, payouts and journals in the orders of exports: written and read back through
//! the store's own queries.

use crate::exports_books::{book, sale};
use crate::plain_rows::{translated_balance, voucher_batch};
use crate::store_tables::{MAX, MIN, read, text, write};
use crate::world::World;
use avstem::store::StoreError;
use avstem::store::rows::{TranslatedBalance, VoucherBatch};

on_both_databases! {
    batches_and_balances_come_back,
    a_series_has_no_gap_and_no_number_twice,
    journals_come_by_day_and_by_reference,
}

fn batches_and_balances_come_back(world: &mut World) {
    let full = VoucherBatch {
        first_day: Some(text()),
        last_day: Some(text()),
        last_position: MAX,
        voucher_per: "payout".to_owned(),
        series: text(),
        vouchers: MAX - 1,
        exported_at: MAX,
        ..voucher_batch(1)
    };
    let bare = voucher_batch(1);
    let bare = VoucherBatch { batch: 2, ..bare };
    let balances = [
        translated_balance(1),
        TranslatedBalance {
            account: text(),
            currency: "ÅÄÖ".to_owned(),
            amount: MAX,
            books: MAX,
            ..translated_balance(1)
        },
    ];
    assert_eq!(read(world, |tx| Ok(tx.last_voucher_batch()?)), 0);
    write(world, |tx| Ok(tx.add_voucher_batch(&full, &balances)?));
    write(world, |tx| {
        Ok(tx.add_voucher_batch(&bare, &[translated_balance(2)])?)
    });
    assert_eq!(read(world, |tx| Ok(tx.voucher_batches()?)), [full, bare]);
    assert_eq!(read(world, |tx| Ok(tx.last_voucher_batch()?)), 2);
    let mut before = read(world, |tx| Ok(tx.translated_balances_before(2)?));
    before.sort_by_key(|row| row.amount);
    assert_eq!(before, balances);
    assert_eq!(
        read(world, |tx| Ok(tx.translated_balances_before(3)?)).len(),
        3
    );
}

fn a_series_has_no_gap_and_no_number_twice(world: &mut World) {
    let add = |row: VoucherBatch| {
        world
            .app
            .store
            .write::<_, StoreError>(|tx| tx.add_voucher_batch(&row, &[]))
    };
    let with = |batch: i64, first_number: i64, series: &str| VoucherBatch {
        first_number,
        series: series.to_owned(),
        vouchers: 10,
        ..voucher_batch(batch)
    };
    add(with(1, 1, "K")).unwrap();
    for wrong in [
        with(2, 10, "K"),
        with(2, 12, "K"),
        with(2, 1, "K"),
        with(1, 11, "K"),
        with(3, 11, "K"),
        with(2, 2, "A"),
    ] {
        assert!(add(wrong.clone()).is_err(), "{wrong:?}");
    }
    add(with(2, 1, "A")).unwrap();
    add(with(3, 11, "K")).unwrap();
}

fn journals_come_by_day_and_by_reference(world: &mut World) {
    for (number, day) in [
        (1, "2026-10-02"),
        (2, "2026-10-01"),
        (3, "2026-10-02"),
        (4, "2026-10-03"),
    ] {
        book(&world.app, &sale(number, day));
    }
    let all = read(world, |tx| Ok(tx.journals_after(0, 9)?));
    let [first, second, third, fourth] = all.as_slice() else {
        panic!("{all:?}")
    };
    let by_day = |days: (Option<&str>, Option<&str>), last: i64, after: (&str, i64)| {
        read(world, |tx| Ok(tx.journals_by_day(days, last, after, 9)?))
    };
    let start = ("", MIN);
    assert_eq!(
        by_day((None, None), MAX, start),
        [second, first, third, fourth].map(Clone::clone)
    );
    assert_eq!(
        by_day((None, None), third.position, start),
        [second, first, third].map(Clone::clone)
    );
    assert_eq!(
        by_day((None, None), MAX, ("2026-10-02", first.position)),
        [third, fourth].map(Clone::clone)
    );
    assert_eq!(
        by_day((Some("2026-10-02"), Some("2026-10-02")), MAX, start),
        [first, third].map(Clone::clone)
    );
    let of = |connection: &str, reference: &str| {
        let references = [reference.to_owned()];
        read(world, |tx| {
            Ok(tx.journals_of_references(connection, &references)?)
        })
    };
    assert_eq!(of("stripe", "ch_sale"), all);
    assert!(of("shop", "ch_sale").is_empty() && of("stripe", "ch").is_empty());
    let at = read(world, |tx| Ok(tx.journal_at(third.position)?));
    assert_eq!(at.as_ref(), Some(third));
    assert_eq!(read(world, |tx| Ok(tx.journal_at(MAX)?)), None);
}
