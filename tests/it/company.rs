//! The simulated provider with a past, served on a port of its own.

use crate::serving::now;
use crate::world::{API_KEY, WEBHOOK_SECRET, monthly};
use avstem::demo::ProviderServer;
use avstem_domain::time::Timestamp;
use avstem_simulator::{Plan, Settings, Shape, Simulator};

pub fn ago(days: i64) -> Timestamp {
    now().saturating_add_seconds(-days * 86_400)
}

/// A provider whose past begins so many days ago.
pub fn simulator(days: i64) -> Simulator {
    let settings = Settings {
        seed: 7,
        webhook_secret: WEBHOOK_SECRET.to_owned(),
        api_key: API_KEY.to_owned(),
        shape: Shape::Mixed,
        currency: "sek",
    };
    Simulator::new(settings, ago(days))
}

/// Serves a simulator whose time is now.
pub fn serve_provider(simulator: Simulator) -> ProviderServer {
    ProviderServer::start(simulator, now).unwrap()
}

/// A subscriber, by the provider's ids.
pub struct Person {
    pub customer: String,
    pub subscription: String,
}

pub fn subscriber(simulator: &mut Simulator, at: Timestamp, name: &str, plan: &Plan) -> Person {
    simulator.advance_to(at);
    let address = format!(
        "{}@example.test",
        name.to_ascii_lowercase()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "-")
    );
    let customer = simulator.create_customer(&address, name, "sv");
    let subscription = simulator.subscribe(&customer, plan);
    Person {
        customer,
        subscription,
    }
}

/// A company of three subscribers at 249.00 SEK a month.
pub struct Company {
    pub provider: ProviderServer,
    /// Charged twice, last about a week ago.
    pub ada: Person,
    /// Charged twice, last about three weeks ago.
    pub bo: Person,
    /// Charged once, two days ago.
    pub cleo: Person,
}

pub fn company() -> Company {
    let mut provider = simulator(60);
    let plan = monthly();
    let bo = subscriber(&mut provider, ago(50), "Bo Canary-PII", &plan);
    let ada = subscriber(&mut provider, ago(36), "Ada Canary-PII", &plan);
    let cleo = subscriber(&mut provider, ago(2), "Cleo Canary-PII", &plan);
    provider.advance_to(now());
    Company {
        provider: serve_provider(provider),
        ada,
        bo,
        cleo,
    }
}

impl Company {
    /// The provider's ids of somebody's charges, oldest first.
    pub fn charges(&self, person: &Person) -> Vec<String> {
        self.provider
            .simulator()
            .charges_of(&person.subscription)
            .into_iter()
            .map(|charge| charge.id)
            .collect()
    }
}
