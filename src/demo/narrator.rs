//! Tells the story on standard output, and keeps count of what did not hold.

use std::fmt::Display;
use std::io::Write;

pub struct Narrator {
    held: usize,
    failed: usize,
}

impl Narrator {
    pub const fn new() -> Self {
        Self { held: 0, failed: 0 }
    }

    /// A line. Whoever listens no more (a closed pipe) misses it.
    pub fn say(&self, line: impl Display) {
        let _ = writeln!(std::io::stdout(), "{line}");
    }

    pub fn chapter(&self, title: &str) {
        self.say(format_args!(
            "\n── {title} {}",
            "─".repeat(76usize.saturating_sub(title.chars().count()))
        ));
    }

    /// A claim with what was seen, checked before the listener's eyes.
    pub fn claim(&mut self, claim: &str, outcome: Result<String, String>) {
        match outcome {
            Ok(seen) => {
                self.held += 1;
                self.say(format_args!("  ✓ {claim}{}", parenthesis(&seen)));
            }
            Err(seen) => {
                self.failed += 1;
                self.say(format_args!("  ✗ {claim}{}", parenthesis(&seen)));
            }
        }
    }

    pub const fn held(&self) -> usize {
        self.held
    }

    pub const fn failed(&self) -> usize {
        self.failed
    }
}

fn parenthesis(seen: &str) -> String {
    if seen.is_empty() {
        String::new()
    } else {
        format!(" ({seen})")
    }
}

/// Holds when both are equal; tells what was seen.
pub fn equal<T: PartialEq + Display>(found: &T, expected: &T) -> Result<String, String> {
    if found == expected {
        Ok(found.to_string())
    } else {
        Err(format!("{found}, and not {expected}"))
    }
}
