//! `[books]`: what it means, and what a wrong setting says.

use avstem::config::{Books, Config, VoucherPer};

fn read(toml: &str, env: &[(&str, &str)]) -> Result<Books, String> {
    let env: Vec<(String, String)> = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::from_parts(toml, &env)
        .map(|config| config.books)
        .map_err(|error| error.to_string())
}

#[test]
fn nothing_set_gives_the_documented_defaults() {
    let books = read("", &[]).unwrap();
    assert_eq!(books.currency.code(), "SEK");
    assert_eq!(books.company, "Avstem");
    assert_eq!(books.sie_series, "K");
    assert_eq!(books.sie_vouchers, VoucherPer::Day);
    assert_eq!((books.accounts, books.rates), (None, None));
}

#[test]
fn a_file_and_the_environment_can_set_everything() {
    let file = r#"
        [books]
        currency = "nok"
        company = " Åsas Böcker AB "
        accounts = "accounts.toml"
        rates = "rates.csv"
        sie_series = "AV1"
        sie_vouchers = "payout"
    "#;
    let books = read(
        file,
        &[
            ("AVSTEM_BOOKS__SIE_SERIES", "B"),
            ("AVSTEM_BOOKS__RATES", ""),
        ],
    )
    .unwrap();
    assert_eq!(books.currency.code(), "NOK");
    assert_eq!(books.company, "Åsas Böcker AB");
    assert_eq!(books.accounts.unwrap().as_os_str(), "accounts.toml");
    assert_eq!(books.rates, None, "empty is the same as left out");
    assert_eq!(books.sie_series, "B");
    assert_eq!(books.sie_vouchers, VoucherPer::Payout);
}

#[test]
fn a_wrong_setting_is_named_with_what_was_expected() {
    for (toml, env, says) in [
        ("[book]", &[][..], "did you mean books?"),
        (
            "[books]\ncurency = \"SEK\"",
            &[],
            "did you mean books.currency?",
        ),
        ("books = 1", &[], "books in avstem.toml must be a section"),
        (
            "",
            &[("AVSTEM_BOOKS__SIE_SERIE", "K")],
            "did you mean AVSTEM_BOOKS__SIE_SERIES?",
        ),
        ("", &[("AVSTEM_BOOKS", "K")], "did you mean AVSTEM_BOOKS__"),
        (
            "[books]\ncurrency = \"kronor\"",
            &[],
            "books.currency in avstem.toml is \"kronor\", but must be an ISO 4217",
        ),
        ("[books]\ncompany = \"a\\nb\"", &[], "books.company"),
        ("[books]\ncompany = \" \"", &[], "books.company"),
        ("[books]\ncompany = \"\\\"x\\\"\"", &[], "without quotes"),
        (
            "[books]\nsie_series = \"\"",
            &[],
            "1 to 10 letters and digits",
        ),
        (
            "[books]\nsie_series = \"K 1\"",
            &[],
            "1 to 10 letters and digits",
        ),
        (
            "[books]\nsie_vouchers = \"month\"",
            &[],
            "must be day or payout",
        ),
    ] {
        let said = read(toml, env).unwrap_err();
        assert!(said.contains(says), "{toml} {env:?}: {said}");
    }
}
