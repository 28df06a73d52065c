//! Somebody who owns the database changes a row, a delivery or an answer: a check says exactly what
//! differs, and nothing else.

use super::eventful::{Eventful, eventful};
use super::unprotected::Unprotected;
use super::{assert_rebuilt, check, lines};
use crate::world::World;
use avstem::store::{ReadTx, StoreError};

/// What was changed, how, and every line of the report.
type Planted = (&'static str, String, Vec<String>);

fn each_is_found(world: &World, planted: impl Fn(&Unprotected<'_>, &Eventful) -> Vec<Planted>) {
    let shop = eventful(world);
    assert_rebuilt(world);
    let database = Unprotected::of(world);
    for (what, sql, expected) in planted(&database, &shop) {
        database.execute(&sql);
        let (_, told) = check(world);
        assert_eq!(lines(&told), expected, "{what}\n{sql}");
        database.put_back();
    }
    assert_rebuilt(world);
}

/// `table key: column is "live", and what was told makes it "rebuilt".`
fn differs(row: &str, column: &str, live: &str, rebuilt: &str) -> String {
    format!("{row}: {column} is {live}, and what was told makes it {rebuilt}.")
}

fn only_live(row: &str) -> String {
    format!("{row}: the row is there, and nothing that was told makes it.")
}

fn only_rebuilt(row: &str) -> String {
    format!("{row}: there is no such row, and what was told makes one.")
}

fn a_changed_row_is_found(world: &mut World) {
    each_is_found(world, |_, shop| {
        let Eventful {
            canceled,
            canceled_charge,
            plain_charge,
            customer,
            ..
        } = shop;
        let other = format!("(SELECT max(id) FROM customers WHERE provider_id <> '{customer}')");
        let others_name = format!("SELECT provider_id AS line FROM customers WHERE id = {other}");
        let others_name = world.lines(&others_name)[0].clone();
        let charge = |id: &str| format!("charges stripe {id}");
        vec![
            (
                "an amount",
                format!("UPDATE charges SET amount = 1 WHERE provider_id = '{plain_charge}'"),
                vec![differs(
                    &charge(plain_charge),
                    "amount",
                    r#""1""#,
                    r#""9900""#,
                )],
            ),
            (
                "a status",
                format!(
                    "UPDATE subscriptions SET status = 'active' WHERE provider_id = '{canceled}'"
                ),
                vec![differs(
                    &format!("subscriptions stripe {canceled}"),
                    "status",
                    "\"active\"",
                    "\"canceled\"",
                )],
            ),
            (
                "a reference to another row",
                format!(
                    "UPDATE charges SET customer_id = {other} WHERE provider_id = '{canceled_charge}'"
                ),
                vec![differs(
                    &charge(canceled_charge),
                    "customer_id",
                    &format!("{others_name:?}"),
                    &format!("{customer:?}"),
                )],
            ),
            (
                "a value that is gone",
                format!("UPDATE charges SET payment = NULL WHERE provider_id = '{plain_charge}'"),
                vec![differs(
                    &charge(plain_charge),
                    "payment",
                    "nothing",
                    &format!("{:?}", payment_of(world, plain_charge)),
                )],
            ),
            (
                "an address, which the report does not show",
                format!(
                    "UPDATE customers SET email = 'new@example.test' WHERE provider_id = '{customer}'"
                ),
                vec![{
                    let row = format!("customers stripe {customer}");
                    differs(&row, "email", "[personal]", "[personal]")
                }],
            ),
        ]
    });
}

fn payment_of(world: &World, charge: &str) -> String {
    let sql = format!("SELECT payment AS line FROM charges WHERE provider_id = '{charge}'");
    world.lines(&sql)[0].clone()
}

fn refund_of(database: &Unprotected<'_>, charge: &str) -> String {
    database.line(&format!(
        "SELECT refunds.provider_id AS line FROM refunds JOIN charges ON charges.id = charge_id \
         WHERE charges.provider_id = '{charge}'"
    ))
}

fn a_row_too_many_or_too_few_is_found(world: &mut World) {
    each_is_found(world, |database, shop| {
        let Eventful {
            plain_charge,
            split,
            split_charge,
            payout,
            ..
        } = shop;
        let payment = payment_of(world, plain_charge);
        let invoice =
            format!("SELECT invoice AS line FROM charges WHERE provider_id = '{plain_charge}'");
        let invoice = database.line(&invoice);
        let billed = format!(
            "SELECT min(invoice) AS line FROM invoice_subscriptions WHERE subscription = '{split}'"
        );
        let billed = database.line(&billed);
        let refund = refund_of(database, split_charge);
        vec![
            (
                "a link that is gone",
                format!("DELETE FROM invoice_payments WHERE payment = '{payment}'"),
                vec![only_rebuilt(&format!(
                    "invoice_payments stripe {invoice} {payment}"
                ))],
            ),
            (
                "a link that nobody told",
                format!(
                    "INSERT INTO invoice_payments VALUES ('stripe', 'pi_x', '{invoice}', NULL)"
                ),
                vec![only_live(&format!(
                    "invoice_payments stripe {invoice} pi_x"
                ))],
            ),
            (
                "an invoice that bills one subscription less",
                format!("DELETE FROM invoice_subscriptions WHERE invoice = '{billed}'"),
                vec![only_rebuilt(&format!(
                    "invoice_subscriptions stripe {billed} {split}"
                ))],
            ),
            (
                "a payout under another name",
                format!("UPDATE payouts SET provider_id = 'po_x' WHERE provider_id = '{payout}'"),
                vec![
                    only_live("payouts stripe po_x"),
                    only_rebuilt(&format!("payouts stripe {payout}")),
                ],
            ),
            (
                "a row of a connection that there never was",
                "INSERT INTO invoice_subscriptions VALUES ('zettle', 'sub_x', 'in_x')".to_owned(),
                vec![only_live("invoice_subscriptions zettle in_x sub_x")],
            ),
            (
                "a refund with another outcome",
                format!("UPDATE refunds SET state = 'canceled' WHERE provider_id = '{refund}'"),
                vec![differs(
                    &format!("refunds stripe {refund}"),
                    "state",
                    "\"canceled\"",
                    "\"succeeded\"",
                )],
            ),
        ]
    });
}

fn a_changed_posting_is_found(world: &mut World) {
    each_is_found(world, |database, shop| {
        let Eventful {
            plain_charge,
            split_charge,
            payout,
            ..
        } = shop;
        let refund = refund_of(database, split_charge);
        let journal = |reference: &str| {
            database.line(&format!(
                "SELECT id AS line FROM journals WHERE reference = '{reference}' ORDER BY position LIMIT 1"
            ))
        };
        let (charged, sent) = (journal(plain_charge), journal(payout));
        let sum = |about: &str, account: &str| format!("postings stripe {about} {account} SEK");
        let transit = "assets:payouts_in_transit:stripe";
        vec![
            (
                "an amount",
                format!(
                    "UPDATE postings SET amount = amount + 1 WHERE journal_id = '{charged}' AND account = 'assets:provider:stripe'"
                ),
                vec![differs(
                    &sum(plain_charge, "assets:provider:stripe"),
                    "amount",
                    "\"9901\"",
                    "\"9900\"",
                )],
            ),
            (
                "an amount of a refund, which counts with its charge",
                format!(
                    "UPDATE postings SET amount = amount - 1 WHERE account = 'assets:provider:stripe' AND journal_id = \
                     (SELECT id FROM journals WHERE event = 'refund_succeeded' AND reference = '{refund}')"
                ),
                vec![differs(
                    &sum(split_charge, "assets:provider:stripe"),
                    "amount",
                    "\"11449\"",
                    "\"11450\"",
                )],
            ),
            (
                "an account",
                format!(
                    "UPDATE postings SET account = 'assets:suspense' WHERE journal_id = '{sent}' AND account = '{transit}'"
                ),
                vec![
                    only_live(&sum(payout, "assets:suspense")),
                    only_rebuilt(&sum(payout, transit)),
                ],
            ),
        ]
    });
}

fn a_journal_that_is_gone_or_that_nobody_caused_is_found(world: &mut World) {
    each_is_found(world, |database, Eventful { payout, .. }| {
        let sum = |about: &str, account: &str| format!("postings stripe {about} {account} SEK");
        let transit = "assets:payouts_in_transit:stripe";
        let sent = database.line(&format!(
            "SELECT id AS line FROM journals WHERE reference = '{payout}' ORDER BY position LIMIT 1"
        ));
        let paid = format!(
            "SELECT CAST(amount AS text) AS line FROM payouts WHERE provider_id = '{payout}'"
        );
        let paid: i64 = database.line(&paid).parse().unwrap();
        vec![
            (
                "a journal that is gone",
                format!(
                    "DELETE FROM postings WHERE journal_id = '{sent}'; DELETE FROM journals WHERE id = '{sent}'"
                ),
                vec![
                    only_rebuilt(&sum(payout, transit)),
                    only_rebuilt(&sum(payout, "assets:provider:stripe")),
                ],
            ),
            (
                "a journal that nobody caused",
                format!(
                    "INSERT INTO postings VALUES ('avjrn_x', 1, 'assets:suspense', {paid}, 'SEK'), ('avjrn_x', 2, 'assets:bank:main', -{paid}, 'SEK'); \
                     INSERT INTO journals VALUES (900, 'avjrn_x', 'stripe', 'e', 'x_1', 'd', '2026-11-22', 1, 1)"
                ),
                vec![
                    only_live(&sum("x_1", "assets:bank:main")),
                    only_live(&sum("x_1", "assets:suspense")),
                ],
            ),
        ]
    });
}

/// The id of the delivery that told of a customer first.
fn introduction_of(world: &World, customer: &str) -> String {
    let ids = world.lines("SELECT id AS line FROM events WHERE kind = 'customer.created'");
    let read = |tx: &mut ReadTx<'_>| tx.events_by_ids(&ids);
    let events = world.app.store.read::<_, StoreError>(read).unwrap();
    let tells = |body: &[u8]| String::from_utf8_lossy(body).contains(&format!("\"{customer}\""));
    let found = events.into_iter().find(|event| tells(&event.body));
    found.expect("it was told").id
}

fn a_delivery_or_an_answer_that_was_changed_is_found(world: &mut World) {
    each_is_found(world, |database, shop| {
        let Eventful {
            customer, canceled, ..
        } = shop;
        let introduction = introduction_of(world, customer);
        let version =
            format!("SELECT version AS line FROM customers WHERE provider_id = '{customer}'");
        let version = database.line(&version);
        let row = format!("customers stripe {customer}");
        let a_stub = [
            differs(&row, "locale", "\"sv\"", "nothing"),
            differs(&row, "version", &format!("{version:?}"), "\"\""),
            differs(&row, "email", "[personal]", "nothing"),
            differs(&row, "name", "[personal]", "nothing"),
        ];
        let unreadable = format!(
            "events {introduction}: it was taken in once, and cannot be now: its bytes are not here, or not any more."
        );
        let first = database.line("SELECT min(id) AS line FROM answers");
        let nonsense = format!(
            "answers {first}: it was taken in once, and cannot be now: a stored row cannot be read: what an answer told: missing field `version` at line 1 column 3."
        );
        vec![
            (
                "a delivery that is gone",
                format!("DELETE FROM events WHERE id = '{introduction}'"),
                a_stub.to_vec(),
            ),
            (
                "a delivery whose bytes are gone",
                format!("UPDATE events SET bundle = 'gone' WHERE id = '{introduction}'"),
                [&[unreadable][..], &a_stub].concat(),
            ),
            (
                "an answer that tells something else",
                "UPDATE answers SET told = replace(told, '\"plan\":\"Bas\"', '\"plan\":\"Bos\"')"
                    .to_owned(),
                vec![differs(
                    &format!("subscriptions stripe {canceled}"),
                    "plan",
                    "\"Bas\"",
                    "\"Bos\"",
                )],
            ),
            (
                "an answer that cannot be read any more: all but the time of its reading was told again",
                format!("UPDATE answers SET told = '[{{}}]' WHERE id = '{first}'"),
                vec![
                    nonsense,
                    differs(
                        &format!("subscriptions stripe {canceled}"),
                        "seen_renewing_at",
                        "\"1799060580000000\"",
                        "\"1797937200000000\"",
                    ),
                ],
            ),
        ]
    });
}

on_both_databases! {
    a_changed_row_is_found,
    a_row_too_many_or_too_few_is_found,
    a_changed_posting_is_found,
    a_journal_that_is_gone_or_that_nobody_caused_is_found,
    a_delivery_or_an_answer_that_was_changed_is_found,
}
