//! Why the settings cannot be used. Every message names the setting as it was written (key and file,
//! or variable) and says what to do; none shows a secret.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the settings file {} cannot be read. Check the path given with --config and its permissions.", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The parser's own message quotes the line, which may hold a secret; this one does not.
    #[error("{file}, line {line}: {problem}. Correct the TOML there (text needs quotes).")]
    Syntax {
        file: String,
        line: usize,
        problem: String,
    },
    #[error("unknown setting {setting}; did you mean {nearest}?")]
    Unknown { setting: String, nearest: String },
    #[error("{setting} must be {expected}.")]
    Kind {
        setting: String,
        expected: &'static str,
    },
    #[error("{setting} is {found:?}, but must be {expected}.")]
    Value {
        setting: String,
        found: String,
        expected: &'static str,
    },
    /// Like `Value` where the value may hold a password.
    #[error("{setting} must be {expected}. Its value is not shown because it may be secret.")]
    HiddenValue {
        setting: String,
        expected: &'static str,
    },
    #[error(
        "{setting} asks for an SQLite database in memory, which would forget everything that was acknowledged as stored. Name a file, such as sqlite://avstem.db."
    )]
    InMemory { setting: String },
    #[error("{setting} is not valid UTF-8. Set it again, or unset it.")]
    NotUnicode { setting: String },
    #[error("{setting} is an empty secret. Give it a value, or remove the setting.")]
    EmptySecret { setting: String },
    #[error("{setting} reads its secret from {}, which failed. Check the file's path and permissions.", path.display())]
    SecretFile {
        setting: String,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(
        "connection \"{connection}\" has no webhook secret and would accept nothing. Set webhook_secrets under [connections.{connection}], or {variable}."
    )]
    NoWebhookSecret {
        connection: String,
        variable: String,
    },
    #[error(
        "\"{name}\" cannot name a connection. Use 1 to 32 of the characters a-z, 0-9, - and _, such as [connections.stripe]."
    )]
    ConnectionName { name: String },
    #[error(
        "connection \"{connection}\" has the unknown provider \"{provider}\". Set {setting} to one of: {supported}."
    )]
    UnknownProvider {
        connection: String,
        setting: String,
        provider: String,
        supported: String,
    },
    #[error(
        "connection \"{connection}\": the provider \"{provider}\" is not supported yet by this version, which knows: {supported}. Remove the connection."
    )]
    ProviderNotYet {
        connection: String,
        provider: &'static str,
        supported: String,
    },
    #[error(
        "{setting} is missing, and is needed for {needed_by}. Set it in the file, or {variable}."
    )]
    Missing {
        setting: String,
        variable: String,
        needed_by: &'static str,
    },
}
