//! Files: taken in whole or not at all, once, and only where they belong.

use crate::merchant::*;
use crate::reconciliation::{balance, check_ledger, open_breaks};
use crate::world::World;
use avstem::app::App;
use avstem::app::seams::Seams;
use avstem::app::statements::import::Standing;
use avstem::store::StoreError;

fn tables(world: &World) -> Vec<String> {
    let all = [
        "statement_files",
        "file_pieces",
        "file_problems",
        "statement_holders",
        "provider_lines",
        "bank_lines",
        "journals",
        "payout_positions",
    ];
    world.contents(&all)
}

fn refused(app: &App, connection: &str, bytes: &[u8]) -> String {
    hand_in(app, connection, bytes).unwrap_err().to_string()
}

fn the_same_file_again_changes_nothing(world: &mut World) {
    let app = company(world);
    for (connection, name) in FILES {
        let first = hand_in(&app, connection, &bytes(name)).unwrap();
        assert_eq!(first.standing, Standing::New, "{name}");
        let before = tables(world);
        let again = hand_in(&app, connection, &bytes(name)).unwrap();
        assert_eq!(again.standing, Standing::Known, "{name}");
        assert_eq!(again.file.id, first.file.id);
        assert_eq!(tables(world), before, "{name}");
    }
}

fn rows_of_a_file_are_counted(world: &mut World) {
    let app = company(world);
    let counted: Vec<_> = FILES
        .iter()
        .map(|(connection, name)| {
            let file = hand_in(&app, connection, &bytes(name)).unwrap().file;
            (file.format, file.data_rows, file.problems)
        })
        .collect();
    let counted: Vec<_> = counted
        .iter()
        .map(|(format, rows, problems)| (format.as_str(), *rows, *problems))
        .collect();
    assert_eq!(
        counted,
        [
            ("stripe_payout_reconciliation", 16, 0),
            ("stripe_payouts", 6, 0),
            ("stripe_balance_change", 16, 0),
            ("stripe_balance_history", 22, 0),
            ("paypal_settlement", 6, 0),
            ("paypal_activity", 6, 0),
            ("adyen_settlement", 8, 0),
            ("adyen_settlement", 3, 0),
            ("adyen_accounting", 11, 0),
            ("camt053", 10, 0),
            ("camt053", 10, 0),
            ("mt940", 10, 0),
        ]
    );
}

fn another_company_s_file_is_refused_whole(world: &mut World) {
    let app = company(world);
    hand_in_all(
        &app,
        &[
            ("adyen", ADYEN_41),
            ("paypal", PAYPAL_SETTLEMENT),
            ("", CAMT_08),
        ],
    );
    let before = tables(world);
    let others = |name: &str, from: &str, to: &str| {
        let text = String::from_utf8(bytes(name)).unwrap();
        assert!(text.contains(from), "{name}");
        text.replace(from, to).into_bytes()
    };
    let adyen = others(ADYEN_42, "ExempelMedia,", "Granne,");
    let told = refused(&app, "adyen", &adyen);
    assert!(
        told.contains("company Granne") && told.contains("ExempelMedia"),
        "{told}"
    );
    let paypal = others(PAYPAL_SETTLEMENT, "SMPLMERCHANT1", "SMPLMERCHANT2");
    let told = refused(&app, "paypal", &paypal);
    assert!(
        told.contains("SMPLMERCHANT2") && told.contains("SMPLMERCHANT1"),
        "{told}"
    );
    let bank = others(
        MT940,
        "SE4550000000058398257466",
        "SE3550000000054910000003",
    );
    let told = refused(&app, "", &bank);
    assert!(
        told.contains("SE3550000000054910000003") && told.contains("iban"),
        "{told}"
    );
    // Another provider's, a bank's as a provider's, and a provider's as a bank's.
    let told = refused(&app, "paypal", &bytes(ADYEN_42));
    assert!(
        told.contains("connection \"paypal\" is at paypal"),
        "{told}"
    );
    let told = refused(&app, "adyen", &bytes(CAMT_08));
    assert!(told.contains("hand it in as a bank statement"), "{told}");
    let told = refused(&app, "", &bytes(ADYEN_42));
    assert!(told.contains("hand it in as a settlement report"), "{told}");
    let told = refused(&app, "klarna", &bytes(ADYEN_42));
    assert!(told.contains("no connection \"klarna\""), "{told}");
    assert_eq!(tables(world), before);

    // The settings say so, before any file did.
    let settings = "[connections.adyen2]\nprovider = \"adyen\"\naccount = \"Granne\"\n";
    let app = company_with(world, settings);
    let told = refused(&app, "adyen2", &bytes(ADYEN_42));
    assert!(
        told.contains("its `account` in the settings says so"),
        "{told}"
    );
    hand_in(&app, "adyen2", &adyen).unwrap();
}

fn a_file_that_breaks_off_leaves_nothing(world: &mut World) {
    let app = company(world);
    let before = tables(world);
    for (connection, name) in FILES {
        let whole = bytes(name);
        // Of a table without control totals nobody can tell that its end is missing, so cut inside a cell.
        let cut = &whole[..whole.len() - 25];
        match hand_in(&app, connection, cut) {
            Err(_) => assert_eq!(tables(world), before, "{name}"),
            Ok(imported) => assert!(imported.file.problems > 0, "{name}"),
        }
        if tables(world) != before {
            break;
        }
    }
    for junk in [&b""[..], b"PK\x03\x04 a spreadsheet", b"%PDF-1.7", b"hello"] {
        let before = tables(world);
        assert!(hand_in(&app, "stripe", junk).is_err());
        assert!(hand_in(&app, "", junk).is_err());
        assert_eq!(tables(world), before);
    }
}

/// A process that dies before all bytes are here: only the whole file helps.
fn a_file_that_never_arrived_whole_is_handed_in_again(world: &mut World) {
    let provider = |app: &App| balance(app, "assets:provider:stripe", "SEK");
    let dying = world.another_process_with(Seams::scripted(Some(0)), SETTINGS);
    assert!(hand_in(&dying, "stripe", &bytes(STRIPE_HISTORY)).is_err());
    assert_eq!(unfinished(&dying), 1);
    let app = company(world);
    reconciled(&app, None);
    assert_eq!((provider(&app).as_str(), unfinished(&app)), ("0.00", 1));
    let imported = hand_in(&app, "stripe", &bytes(STRIPE_HISTORY)).unwrap();
    assert_eq!(imported.standing, Standing::Known);
    assert_eq!((provider(&app).as_str(), unfinished(&app)), ("243.46", 0));
    check_ledger(&app);
}

/// A process that dies with all lines written but one word: none of them counts, and the next run goes on.
fn a_file_that_was_left_halfway_is_gone_on_with(world: &mut World) {
    let transit = |app: &App| balance(app, "assets:payouts_in_transit:adyen", "SEK");
    let dying = world.another_process_with(Seams::scripted(Some(1)), SETTINGS);
    assert!(hand_in(&dying, "adyen", &bytes(ADYEN_41)).is_err());
    let app = company(world);
    avstem::app::statements::post_lines::post(&app, "adyen", &mut |_| ()).unwrap();
    assert_eq!((transit(&app).as_str(), unfinished(&app)), ("0.00", 1));
    reconciled(&app, None);
    assert_eq!((transit(&app).as_str(), unfinished(&app)), ("1142.55", 0));
    assert_eq!(
        hand_in(&app, "adyen", &bytes(ADYEN_41)).unwrap().standing,
        Standing::Known
    );
    assert_eq!(transit(&app), "1142.55");
    check_ledger(&app);
}

fn unfinished(app: &App) -> usize {
    let files = app.store.read::<_, StoreError>(|tx| tx.unfinished_files());
    files.unwrap().len()
}

fn what_contradicts_an_earlier_file_is_a_problem_of_the_later(world: &mut World) {
    let app = company(world);
    hand_in(&app, "stripe", &bytes(STRIPE_ACTIVITY)).unwrap();
    let held = balance(&app, "assets:provider:stripe", "SEK");
    let text = String::from_utf8(bytes(STRIPE_HISTORY)).unwrap();
    let changed = text.replace("125.00,3.68,,,121.32", "126.00,3.68,,,122.32");
    let changed = changed.replacen("126.00,3.68,,,122.32", "125.00,3.68,,,121.32", 3);
    assert_ne!(changed, text);
    let imported = hand_in(&app, "stripe", changed.as_bytes()).unwrap();
    assert_eq!((imported.file.data_rows, imported.file.problems), (22, 1));
    let problem = &imported.problems[0];
    assert!(
        problem.expected.contains("the earlier one counts"),
        "{problem:?}"
    );
    // Nothing but the payouts, which the first file did not have, came on top.
    hand_in(&app, "stripe", &bytes(STRIPE_PAYOUTS)).unwrap();
    assert_ne!(balance(&app, "assets:provider:stripe", "SEK"), held);
    assert_eq!(balance(&app, "assets:provider:stripe", "SEK"), "243.46");
}

/// Stripe's payout reconciliation alone: the payouts are the sums of what is in them.
fn payouts_are_known_by_their_members(world: &mut World) {
    let app = company(world);
    tell_what_is_believed(&app);
    hand_in_all(
        &app,
        &[("stripe", STRIPE_PAYOUT_RECONCILIATION), ("", CAMT_02)],
    );
    let view = reconciled(&app, None);
    let proof = view
        .report
        .proof
        .iter()
        .find(|proof| proof.connection == "stripe")
        .unwrap();
    // The charge of 15 October is in no payout yet, so that no report tells of it.
    let expected = &view.report.expected;
    let waiting = expected
        .iter()
        .find(|sum| sum.reason == "not_reported")
        .unwrap();
    assert_eq!(
        (waiting.amount, waiting.count),
        (24_900 - 12_500, 2),
        "{expected:?}"
    );
    assert_eq!(
        (proof.in_transit, proof.difference),
        (0, Some(0)),
        "{proof:?}"
    );
    assert_eq!(
        balance(&app, "assets:payouts_in_transit:stripe", "SEK"),
        "0.00"
    );
    assert_eq!(view.report.payouts.proved, 5);
    let told: Vec<String> = open_breaks(&app)
        .into_iter()
        .filter(|one| !one.starts_with("bank_line_unmatched"))
        .collect();
    assert_eq!(
        told,
        ["status_mismatch re_1SmpLR030000000000000 0.00 225.40"]
    );
    // The payouts' own report changes nothing.
    let before = balance(&app, "assets:provider:stripe", "SEK");
    hand_in(&app, "stripe", &bytes(STRIPE_PAYOUTS)).unwrap();
    assert_eq!(balance(&app, "assets:provider:stripe", "SEK"), before);
    check_ledger(&app);
}

/// A bank's own table, by a layout from the settings, overlapping a statement in another format.
fn a_bank_s_own_table_is_read_by_its_layout(world: &mut World) {
    let settings = r#"
csv_booked_on = "Bokföringsdag"
csv_amount = "Belopp"
csv_text = ["Text"]
csv_bank_reference = "Verifikationsnummer"
csv_balance = "Saldo"
"#;
    let app = company_with(world, settings);
    let table = "Bokföringsdag;Belopp;Text;Verifikationsnummer;Saldo\n\
                 2026-10-05;1 439,05;STRIPE SMPLTRACE1;20261005001;51 439,05\n\
                 2026-10-06;-1 500,00;HYRA;20261006001;49 939,05\n";
    let imported = hand_in(&app, "", table.as_bytes()).unwrap();
    assert_eq!(
        (imported.file.format.as_str(), imported.file.data_rows),
        ("bank_csv", 2)
    );
    hand_in(&app, "", &bytes(CAMT_08)).unwrap();
    let lines = app
        .store
        .read::<_, StoreError>(|tx| tx.bank_lines_standing("new", "2026-12-31"));
    assert_eq!(lines.unwrap(), 10);
}

on_both_databases! {
    the_same_file_again_changes_nothing,
    rows_of_a_file_are_counted,
    another_company_s_file_is_refused_whole,
    a_file_that_breaks_off_leaves_nothing,
    a_file_that_never_arrived_whole_is_handed_in_again,
    a_file_that_was_left_halfway_is_gone_on_with,
    what_contradicts_an_earlier_file_is_a_problem_of_the_later,
    payouts_are_known_by_their_members,
    a_bank_s_own_table_is_read_by_its_layout,
}
