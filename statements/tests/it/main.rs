//! Reports and statements, read as a service would read them.
#![cfg(test)]

mod bad_files;
mod bad_tables;
mod bad_xml;
mod bank_tables;
mod bounds;
mod camt;
mod desk;
mod detection;
mod mt940;
mod paypal;
mod properties;
mod providers;
mod samples;
mod stripe_api;
