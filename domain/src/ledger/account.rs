//! The chart of accounts.

use std::fmt;

/// Why a text is not an account, or not a name in one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    #[error("{0:?} is not an account of the chart; docs/ledger.md lists them")]
    Unknown(String),
    #[error("{0:?} cannot stand in an account name; use 1 to 64 of a-z, A-Z, 0-9, - and _")]
    NotAName(String),
}

macro_rules! account_names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes 1 to 64 ASCII letters, digits, `-` and `_`.
            pub fn parse(text: &str) -> Result<Self, AccountError> {
                let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
                let fits = (1..=64).contains(&text.len()) && text.bytes().all(plain);
                if fits {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(AccountError::NotAName(text.chars().take(80).collect()))
                }
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

account_names! {
    /// The name of a connection in the settings: `stripe` of `[connections.stripe]`.
    Connection;
    /// The name of a bank account in the settings: `main` of `[bank.main]`.
    BankAccount;
}

/// An account. Prints and reads as its name, such as `assets:provider:stripe`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What the provider owes us.
    Provider(Connection),
    /// What the provider holds back.
    ProviderReserve(Connection),
    /// Sent by the provider, not in the bank yet.
    PayoutsInTransit(Connection),
    Bank(BankAccount),
    /// Withdrawn by the provider while a dispute is open.
    Disputed(Connection),
    /// Money that is there, and whose object is not known yet.
    Suspense,
    /// Paid for, and not yet delivered.
    DeferredRevenue,
    /// Promised to customers, and not yet gone from the provider.
    RefundsPayable,
    Vat,
    CustomerCredit,
    IncomeSubscriptions,
    IncomeOrders,
    /// Income given back. Its balance is a debit.
    IncomeRefunds,
    ProviderFees,
    DisputeFees,
    DisputeLosses,
    BankFees,
    /// Differences that a person gave up on.
    WriteOffs,
    Fx,
    Conversion,
    Opening,
}

impl Account {
    /// Reads an account's exact name.
    pub fn parse(text: &str) -> Result<Self, AccountError> {
        Self::parse_plain(text).map_or_else(|| Self::parse_named(text), Ok)
    }

    /// The accounts that stand alone: of no connection and no bank account.
    fn parse_plain(text: &str) -> Option<Self> {
        match text {
            "assets:suspense" => Some(Self::Suspense),
            "liabilities:deferred_revenue" => Some(Self::DeferredRevenue),
            "liabilities:refunds_payable" => Some(Self::RefundsPayable),
            "liabilities:vat" => Some(Self::Vat),
            "liabilities:customer_credit" => Some(Self::CustomerCredit),
            "income:subscriptions" => Some(Self::IncomeSubscriptions),
            "income:orders" => Some(Self::IncomeOrders),
            "income:refunds" => Some(Self::IncomeRefunds),
            "expenses:provider_fees" => Some(Self::ProviderFees),
            "expenses:dispute_fees" => Some(Self::DisputeFees),
            "expenses:dispute_losses" => Some(Self::DisputeLosses),
            "expenses:bank_fees" => Some(Self::BankFees),
            "expenses:write_offs" => Some(Self::WriteOffs),
            "expenses:fx" => Some(Self::Fx),
            "equity:conversion" => Some(Self::Conversion),
            "equity:opening" => Some(Self::Opening),
            _ => None,
        }
    }

    fn parse_named(text: &str) -> Result<Self, AccountError> {
        let unknown = || AccountError::Unknown(text.chars().take(80).collect());
        let (group, name) = text.rsplit_once(':').ok_or_else(unknown)?;
        match group {
            "assets:provider" => Ok(Self::Provider(Connection::parse(name)?)),
            "assets:provider_reserve" => Ok(Self::ProviderReserve(Connection::parse(name)?)),
            "assets:payouts_in_transit" => Ok(Self::PayoutsInTransit(Connection::parse(name)?)),
            "assets:bank" => Ok(Self::Bank(BankAccount::parse(name)?)),
            "assets:disputed" => Ok(Self::Disputed(Connection::parse(name)?)),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(connection) => write!(f, "assets:provider:{connection}"),
            Self::ProviderReserve(connection) => write!(f, "assets:provider_reserve:{connection}"),
            Self::PayoutsInTransit(connection) => {
                write!(f, "assets:payouts_in_transit:{connection}")
            }
            Self::Bank(account) => write!(f, "assets:bank:{account}"),
            Self::Disputed(connection) => write!(f, "assets:disputed:{connection}"),
            Self::Suspense => f.write_str("assets:suspense"),
            Self::DeferredRevenue => f.write_str("liabilities:deferred_revenue"),
            Self::RefundsPayable => f.write_str("liabilities:refunds_payable"),
            Self::Vat => f.write_str("liabilities:vat"),
            Self::CustomerCredit => f.write_str("liabilities:customer_credit"),
            Self::IncomeSubscriptions => f.write_str("income:subscriptions"),
            Self::IncomeOrders => f.write_str("income:orders"),
            Self::IncomeRefunds => f.write_str("income:refunds"),
            Self::ProviderFees => f.write_str("expenses:provider_fees"),
            Self::DisputeFees => f.write_str("expenses:dispute_fees"),
            Self::DisputeLosses => f.write_str("expenses:dispute_losses"),
            Self::BankFees => f.write_str("expenses:bank_fees"),
            Self::WriteOffs => f.write_str("expenses:write_offs"),
            Self::Fx => f.write_str("expenses:fx"),
            Self::Conversion => f.write_str("equity:conversion"),
            Self::Opening => f.write_str("equity:opening"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHART: [&str; 21] = [
        "assets:provider:stripe",
        "assets:provider_reserve:stripe",
        "assets:payouts_in_transit:stripe-eu",
        "assets:bank:main",
        "assets:disputed:stripe_2",
        "assets:suspense",
        "liabilities:deferred_revenue",
        "liabilities:refunds_payable",
        "liabilities:vat",
        "liabilities:customer_credit",
        "income:subscriptions",
        "income:orders",
        "income:refunds",
        "expenses:provider_fees",
        "expenses:dispute_fees",
        "expenses:dispute_losses",
        "expenses:bank_fees",
        "expenses:write_offs",
        "expenses:fx",
        "equity:conversion",
        "equity:opening",
    ];

    #[test]
    fn every_account_of_the_chart_reads_and_prints_as_its_name() {
        for name in CHART {
            assert_eq!(Account::parse(name).unwrap().to_string(), name);
        }
    }

    #[test]
    fn names_outside_the_chart_are_refused() {
        for name in [
            "",
            "assets",
            "assets:provider",
            "assets:provider:",
            "assets:provider:a:b",
            "assets:provider:a b",
            "Assets:suspense",
            "income:subscriptions:x",
            "assets:bank:å",
        ] {
            assert!(Account::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_connection_s_name_has_no_separator_and_is_bounded() {
        assert!(Connection::parse(&"a".repeat(64)).is_ok());
        for name in ["", "a:b", "a/b", &"a".repeat(65)] {
            assert!(Connection::parse(name).is_err(), "{name}");
        }
    }
}
