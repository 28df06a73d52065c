//! A temporary PostgreSQL server, one for the whole test process, gone when the process is.
//!
//! A static is never dropped, and a killed test drops nothing at all. So the server is in the care
//! of a small shell that reads from a pipe whose other end only this process holds: however the
//! process ends, the pipe closes, and the shell stops the server and removes its folder.

use super::SERVER_SETTINGS;
use std::fmt::Write;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, mpsc};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{NoTls, SimpleQueryMessage};

const NEEDED_PROGRAMS: [&str; 3] = ["initdb", "postgres", "pg_ctl"];

const NO_POSTGRES: &str = "no PostgreSQL server was found (initdb, postgres and pg_ctl, on PATH or in \
     /usr/lib/postgresql/*/bin). Run ./scripts/test, which finds or installs one, or says what to install.";

/// The database role; trusted without a password, from this machine only.
const ROLE: &str = "avstem";

/// How often another port is tried when somebody took the one we had just found free.
const START_ATTEMPTS: u32 = 5;

/// $1: folder of programs, $2: folder of the server.
const CARETAKER: &str = r#"
trap '' INT TERM HUP
"$1/pg_ctl" start -w -t 120 -D "$2/data" -l "$2/log" </dev/null >/dev/null 2>&1 && echo ready
exec >/dev/null
cat >/dev/null
"$1/pg_ctl" stop -w -m immediate -D "$2/data" >/dev/null 2>&1
cd / && rm -rf "$2"
"#;

pub struct Cluster {
    folder: PathBuf,
    port: u16,
    /// Drives connections. A client of the server's, a process for each statement, takes as long again as the server.
    asking: Runtime,
    next_database: AtomicU64,
    /// Holds the pipe: the server lives as long as this does.
    _caretaker: Child,
}

/// The server of this process, started at the first call.
pub fn shared() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

impl Cluster {
    /// Makes an empty database and returns its URL.
    pub fn database(&self) -> String {
        self.create_database("template1")
    }

    /// Makes a copy of a database and returns its URL. Nobody may be connected to the original,
    /// which is given by its URL or its name.
    pub fn database_from(&self, template: &str) -> String {
        let name = template.rsplit_once('/').map_or(template, |(_, name)| name);
        self.create_database(name)
    }

    /// Runs SQL on a connection of its own in the database of that URL, and returns the rows as `psql` prints them: lines,
    /// columns separated by `|`. The error is what the server says. Statements without a transaction of their own share one.
    pub fn run_sql(&self, url: &str, sql: &str) -> Result<String, String> {
        let (url, sql) = (url.to_owned(), sql.to_owned());
        // Whoever asks may be driven by a runtime itself, in which nothing can be waited for as it is done there.
        let (answer, answered) = mpsc::channel();
        self.asking.spawn(async move {
            let printed = printed(&url, &sql).await;
            answer.send(printed.map_err(|error| told(&error)))
        });
        answered.recv().expect("an answer, or an error")
    }

    /// All that the server has said, of every database: lines that begin with a time and `[process]`.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.join("log")).expect("its log")).into_owned()
    }

    fn create_database(&self, template: &str) -> String {
        let number = self.next_database.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
        self.run_sql(&self.url("postgres"), &sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/{database}", self.port)
    }

    fn start() -> Self {
        let bin = programs();
        let folder = tempfile::Builder::new()
            .prefix("avstem-pg-")
            .tempdir()
            .expect("a temporary folder can be made")
            .keep();
        let owner = Owner::of_server_in(&folder);
        owner.run(
            Command::new(bin.join("initdb"))
                .arg("-D")
                .arg(folder.join("data"))
                .args(["-U", ROLE, "--auth=trust", "--encoding=UTF8", "--locale=C"])
                .arg("--no-sync")
                .current_dir(&folder),
        );
        let defaults = fs::read_to_string(folder.join("data/postgresql.conf")).expect("its conf");
        for _ in 0..START_ATTEMPTS {
            let port = free_port();
            let conf = format!("{defaults}\n{}", settings(&folder, port));
            fs::write(folder.join("data/postgresql.conf"), conf).expect("its conf is written");
            if let Some(caretaker) = owner.start_server(&bin, &folder) {
                return Self {
                    folder,
                    port,
                    asking: Builder::new_multi_thread()
                        .worker_threads(1)
                        .enable_all()
                        .build()
                        .expect("a thread can be started"),
                    next_database: AtomicU64::new(1),
                    _caretaker: caretaker,
                };
            }
        }
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL from {} does not start:\n{log}", bin.display());
    }
}

async fn printed(url: &str, sql: &str) -> Result<String, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // Ends when the client does.
    tokio::spawn(connection);
    let mut lines = Vec::new();
    for message in client.simple_query(sql).await? {
        if let SimpleQueryMessage::Row(row) = message {
            let columns = (0..row.len()).map(|column| row.get(column).unwrap_or_default());
            lines.push(columns.collect::<Vec<_>>().join("|"));
        }
    }
    Ok(lines.join("\n"))
}

fn told(error: &tokio_postgres::Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// As durable as in production, for crash tests to mean something; as large as whoever starts it says.
fn settings(folder: &Path, port: u16) -> String {
    let sockets = folder.display().to_string().replace('\'', "''");
    let mut conf = String::new();
    for (name, value) in [
        ("port", port.to_string()),
        ("listen_addresses", "'127.0.0.1'".to_owned()),
        ("unix_socket_directories", format!("'{sockets}'")),
        ("fsync", "on".to_owned()),
        ("synchronous_commit", "on".to_owned()),
        ("full_page_writes", "on".to_owned()),
        ("max_connections", "200".to_owned()),
    ]
    .into_iter()
    .chain(
        SERVER_SETTINGS
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    ) {
        writeln!(conf, "{name} = {value}").expect("a string takes every write");
    }
    conf
}

/// Who runs the server: PostgreSQL refuses to be run by root.
enum Owner {
    Ourselves,
    User { uid: u32, gid: u32 },
}

impl Owner {
    /// Gives the folder away when we are root.
    fn of_server_in(folder: &Path) -> Self {
        let made_by = fs::metadata(folder).expect("the new folder is there").uid();
        if made_by != 0 {
            return Self::Ourselves;
        }
        let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd can be read");
        let (uid, gid) = ["postgres", "nobody"]
            .iter()
            .find_map(|name| user_ids(&users, name))
            .expect("PostgreSQL does not run as root, and there is no user postgres or nobody");
        chown(folder, Some(uid), Some(gid)).expect("root can give the folder away");
        Self::User { uid, gid }
    }

    fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match self {
            Self::Ourselves => command,
            // Setting the user also drops root's other groups.
            Self::User { uid, gid } => command.uid(*uid).gid(*gid),
        }
    }

    fn run(&self, command: &mut Command) {
        let output = self
            .apply(command)
            .stdin(Stdio::null())
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?} failed: {said}");
    }

    /// Nothing when the server does not come up.
    fn start_server(&self, bin: &Path, folder: &Path) -> Option<Child> {
        let mut command = Command::new("sh");
        command
            .args(["-c", CARETAKER, "caretaker"])
            .args([bin, folder])
            .current_dir(folder)
            // Its own group: an interrupt at the terminal ends the tests, and the pipe ends this.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut caretaker = self.apply(&mut command).spawn().expect("sh starts");
        let mut said = String::new();
        let stdout = caretaker.stdout.take().expect("its output is a pipe");
        BufReader::new(stdout)
            .read_line(&mut said)
            .expect("its output is text");
        if said == "ready\n" {
            return Some(caretaker);
        }
        // Without a server it must not clean up either: the next attempt uses the same folder.
        caretaker.kill().expect("it still waits for its pipe");
        caretaker.wait().expect("it was killed");
        None
    }
}

fn user_ids(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = passwd
        .lines()
        .map(|line| line.split(':'))
        .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
    let (_password, uid, gid) = (fields.next()?, fields.next()?, fields.next()?);
    Some((uid.parse().ok()?, gid.parse().ok()?))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

/// The folder of PostgreSQL's programs: as told, else on PATH, else Debian's newest.
#[expect(
    clippy::disallowed_methods,
    reason = "where the machine keeps PostgreSQL is no setting of the service"
)]
fn programs() -> PathBuf {
    if let Some(told) = std::env::var_os("AVSTEM_TEST_POSTGRES_BIN") {
        let told = PathBuf::from(told);
        assert!(
            is_complete(&told),
            "AVSTEM_TEST_POSTGRES_BIN: {NO_POSTGRES}"
        );
        return told;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        // A link on PATH leads to the folder where the other programs are.
        .filter_map(|folder| fs::canonicalize(folder.join("initdb")).ok())
        .filter_map(|initdb| initdb.parent().map(Path::to_path_buf))
        .chain(debian_programs("/usr/lib/postgresql"))
        .find(|folder| is_complete(folder))
        .expect(NO_POSTGRES)
}

/// Newest version first.
fn debian_programs(root: &str) -> Vec<PathBuf> {
    let Ok(versions) = fs::read_dir(root) else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(Result::ok)
        .filter_map(|version| {
            let number = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, bin)| bin).collect()
}

fn is_complete(folder: &Path) -> bool {
    NEEDED_PROGRAMS
        .iter()
        .all(|program| folder.join(program).is_file())
}

/// About the server itself, so neither of the two suites; `./scripts/test --sqlite-only` leaves them out.
mod server {
    use super::shared;

    #[test]
    fn a_copy_of_a_database_holds_its_rows_and_is_another_database() {
        let cluster = shared();
        let original = cluster.database();
        let sql = "CREATE TABLE t (n bigint); INSERT INTO t VALUES (1), (2)";
        cluster.run_sql(&original, sql).unwrap();
        let copy = cluster.database_from(&original);
        cluster.run_sql(&copy, "DELETE FROM t WHERE n = 1").unwrap();
        let count = "SELECT count(*), min(n) FROM t";
        assert_eq!(cluster.run_sql(&copy, count).unwrap(), "1|2");
        assert_eq!(cluster.run_sql(&original, count).unwrap(), "2|1");
    }

    #[test]
    fn a_commit_is_durable_as_in_production() {
        let cluster = shared();
        let database = cluster.database();
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let shown = cluster.run_sql(&database, &format!("SHOW {setting}"));
            assert_eq!(shown.as_deref(), Ok("on"), "{setting}");
        }
    }

    #[test]
    fn wrong_sql_is_an_error_and_not_an_empty_answer() {
        let cluster = shared();
        let error = cluster.run_sql(&cluster.database(), "SELECT * FROM nowhere");
        assert!(error.unwrap_err().contains("nowhere"));
    }
}
