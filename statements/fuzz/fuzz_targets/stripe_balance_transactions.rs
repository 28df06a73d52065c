#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| avstem_statements_fuzz::read("stripe_balance_transactions", bytes));
