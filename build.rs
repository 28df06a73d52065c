//! How the program is linked.

use std::process::Command;

/// The first version of glibc that reads packed relocations.
const PACKED_SINCE: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_native = told("HOST") == told("TARGET");
    if is_native && glibc().is_some_and(|version| version >= PACKED_SINCE) {
        // Where its parts lie is known only once it is loaded. Of a million and a half bytes that say which words
        // of it have to be adjusted then, these are some fifty thousand.
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

#[expect(clippy::disallowed_methods, reason = "cargo says it nowhere else")]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The version of this machine's C library; `None` where it is another one.
fn glibc() -> Option<(u32, u32)> {
    let told = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let told = String::from_utf8(told.ok()?.stdout).ok()?;
    let (major, minor) = told.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
