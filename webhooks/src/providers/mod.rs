//! The registry of providers.

pub mod stripe;

use crate::Provider;

/// Every provider, in the order the documentation lists them.
pub const PROVIDERS: &[&dyn Provider] = &[&stripe::Stripe];

/// The provider that the settings call `name`.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Provider> {
    PROVIDERS
        .iter()
        .copied()
        .find(|provider| provider.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_found_by_its_own_name_and_no_other() {
        for provider in PROVIDERS {
            assert_eq!(
                by_name(provider.name()).map(Provider::name),
                Some(provider.name())
            );
        }
        assert!(by_name("Stripe").is_none() && by_name("").is_none());
    }
}
