//! The simulator, held to what Stripe does.

#[cfg(test)]
mod world;

#[cfg(test)]
mod actions;
#[cfg(test)]
mod balance;
#[cfg(test)]
mod billing;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod disputes;
#[cfg(test)]
mod endings;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod payouts;
#[cfg(test)]
mod refund_life;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod shapes;
