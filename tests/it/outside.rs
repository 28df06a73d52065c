//! The outside opinion: programs of other people, in Python, from the virtual environment that
//! `scripts/test` makes.

mod calls;
mod exports;
mod localstripe;
mod sdk;

use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const NO_PYTHON: &str = "the outside opinion needs Python packages that are not there. Run ./scripts/test, which makes \
     target/outside-venv with them, or says what to install; ./scripts/test --no-outside tests without.";

#[expect(
    clippy::disallowed_methods,
    reason = "where the machine keeps Python is no setting of the service"
)]
fn program() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let told = std::env::var_os("AVSTEM_TEST_PYTHON").map(PathBuf::from);
    let program = told.unwrap_or_else(|| root.join("target/outside-venv/bin/python"));
    assert!(
        program.exists(),
        "{} does not exist: {NO_PYTHON}",
        program.display()
    );
    program
}

/// Python as nobody's environment changes it: `-I` ignores every variable and the user's packages.
fn python(script: &str) -> Command {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside");
    let mut command = Command::new(program());
    command
        .env_clear()
        .args(["-I", "-u"])
        .arg(scripts.join(script));
    command
}

/// Asks the official SDK: a command of `tests/outside/sdk.py`, what it reads, and what it answers.
#[track_caller]
fn ask_sdk(command: &[&str], input: &Value) -> Value {
    let mut child = python("sdk.py")
        .args(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It reads all of it before it writes anything, so that neither waits for the other.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {stderr}\n{NO_PYTHON}"
    );
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

/// One call for `sdk.py call`, such as `refunds.create`, with its idempotency key if it has one.
fn call(method: &str, ids: &[&str], params: Value, key: Option<&str>) -> Value {
    let options = key.map_or_else(|| json!({}), |key| json!({"idempotency_key": key}));
    json!({"call": method, "ids": ids, "params": params, "options": options})
}
