//! Settings of bank accounts, of reconciliation and of the books.

use avstem::config::Config;
use avstem_domain::statement::bank_id::BankAccount;
use avstem_statements::context::{
    AmountColumns, CurrencyColumn, DateFormat, DecimalStyle, Delimiter,
};

fn read(toml: &str, env: &[(&str, &str)]) -> Result<Config, String> {
    let env: Vec<(String, String)> = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::from_parts(toml, &env).map_err(|error| error.to_string())
}

#[test]
fn nothing_set_means_five_days_kronor_and_no_rules() {
    let config = read("", &[]).unwrap();
    assert_eq!(config.reconciliation.bank_days, 5);
    assert_eq!(config.reconciliation.second_person_over, None);
    assert_eq!(config.reconciliation.bank_fee_below, None);
    assert_eq!(config.books.currency.code(), "SEK");
    assert!(config.banks.is_empty());
}

#[test]
fn a_connection_without_a_secret_is_for_reports_and_called_as_its_provider() {
    let config = read(
        "[connections.adyen]\n[connections.pp]\nprovider = \"paypal\"\n",
        &[],
    )
    .unwrap();
    assert_eq!(config.connections["adyen"].bank_text, "adyen");
    assert_eq!(config.connections["pp"].bank_text, "paypal");
    let named = read("[connections.adyen]\nbank_text = \"ADYEN N.V.\"\n", &[]).unwrap();
    assert_eq!(named.connections["adyen"].bank_text, "ADYEN N.V.");
}

#[test]
fn a_bank_has_an_iban_and_may_have_a_table_of_its_own() {
    let toml = r#"
        [bank.main]
        iban = "SE45 5000 0000 0583 9825 7466"
        csv_booked_on = "Datum"
        csv_amount_in = "In"
        csv_amount_out = "Ut"
        csv_text = ["Text", "Meddelande"]
        csv_date_format = "dd-mm-yyyy"
        csv_decimals = "dot"
        csv_delimiter = "tab"
        [bank.savings]
        csv_booked_on = "Date"
        csv_amount = "Amount"
        csv_currency = "Currency"
    "#;
    let config = read(toml, &[("AVSTEM_BOOKS__CURRENCY", "NOK")]).unwrap();
    let main = &config.banks["main"];
    let iban = BankAccount::parse("SE4550000000058398257466").unwrap();
    assert_eq!(main.iban, Some(iban));
    let table = main.table.as_ref().unwrap();
    assert_eq!(
        table.amount,
        AmountColumns::InAndOut {
            money_in: "In".to_owned(),
            money_out: "Ut".to_owned()
        }
    );
    assert!(matches!(table.currency, CurrencyColumn::Always(currency) if currency.code() == "NOK"));
    assert_eq!(table.text, ["Text", "Meddelande"]);
    assert_eq!(
        (table.date_format, table.decimals, table.delimiter),
        (DateFormat::DayMonthYear, DecimalStyle::Dot, Delimiter::Tab)
    );
    let savings = config.banks["savings"].table.as_ref().unwrap();
    assert_eq!(
        savings.currency,
        CurrencyColumn::Column("Currency".to_owned())
    );
    assert_eq!(savings.delimiter, Delimiter::Semicolon);
}

#[test]
fn the_environment_says_the_same() {
    let env = [
        ("AVSTEM_BANK__MAIN__IBAN", "SE4550000000058398257466"),
        ("AVSTEM_BANK__MAIN__CSV_BOOKED_ON", "Datum"),
        ("AVSTEM_BANK__MAIN__CSV_AMOUNT", "Belopp"),
        ("AVSTEM_BANK__MAIN__CSV_TEXT", "Text,Mer"),
        ("AVSTEM_RECONCILIATION__BANK_DAYS", "3"),
        ("AVSTEM_RECONCILIATION__SECOND_PERSON_OVER", "1000.00"),
        ("AVSTEM_RECONCILIATION__BANK_FEE_BELOW", "50.00"),
        ("AVSTEM_CONNECTIONS__ADYEN__BANK_TEXT", "ADYEN N.V."),
    ];
    let config = read("", &env).unwrap();
    assert_eq!(config.reconciliation.bank_days, 3);
    assert_eq!(
        config.reconciliation.second_person_over.unwrap().minor(),
        100_000
    );
    assert_eq!(config.reconciliation.bank_fee_below.unwrap().minor(), 5_000);
    assert_eq!(
        config.banks["main"].table.as_ref().unwrap().text,
        ["Text", "Mer"]
    );
}

/// A file, variables, and what the error says.
type Wrong<'w> = (&'w str, &'w [(&'w str, &'w str)], &'w str);

#[test]
fn what_is_wrong_is_named() {
    let cases: &[Wrong<'_>] = &[
        ("[bank.main]\niban = \"x\"\n", &[], "bank.main.iban"),
        ("[bank.\"a b\"]\n", &[], "[bank.main]"),
        ("[bank.main]\nibna = \"x\"\n", &[], "bank.main.iban"),
        ("[bank.main]\ncsv_booked_on = \"D\"\n", &[], "csv_amount"),
        (
            "[bank.main]\ncsv_booked_on = \"D\"\ncsv_amount = \"A\"\ncsv_decimals = \"point\"\n",
            &[],
            "comma or dot",
        ),
        (
            "[reconciliation]\nbank_days = \"5\"\n",
            &[],
            "a whole number",
        ),
        ("[reconciliation]\nbank_days = 367\n", &[], "from 0 to 366"),
        ("[reconciliation]\nbank_days = -1\n", &[], "from 0 to 366"),
        (
            "[reconciliation]\nsecond_person_over = \"1000\"\n",
            &[],
            "such as 50.00",
        ),
        (
            "[reconciliation]\nbank_fee_below = \"-1.00\"\n",
            &[],
            "such as 50.00",
        ),
        (
            "[reconciliation]\nbank_dayz = 5\n",
            &[],
            "reconciliation.bank_days",
        ),
        ("[books]\ncurrency = \"kronor\"\n", &[], "ISO 4217"),
        ("[bok]\ncurrency = \"SEK\"\n", &[], "books"),
        (
            "",
            &[("AVSTEM_RECONCILIATION__BANK_DAYS", "five")],
            "a whole number",
        ),
        (
            "",
            &[("AVSTEM_RECONCILIATION__BANK_DAYZ", "5")],
            "AVSTEM_RECONCILIATION__BANK_DAYS",
        ),
        (
            "",
            &[("AVSTEM_BANK__MAIN__IBNA", "x")],
            "AVSTEM_BANK__MAIN__IBAN",
        ),
    ];
    for (toml, env, named) in cases {
        let said = read(toml, env).unwrap_err();
        assert!(said.contains(named), "{toml}{env:?}: {said}");
    }
}
