//! Statements that the server has read once.

/// About a server, as `cluster::server` is.
mod server {
    use crate::cluster;
    use crate::world::World;
    use avstem::app::seal_ledger;

    /// Enough for every statement of a round to have come up.
    const ROUNDS: usize = 4;

    /// A customer subscribes and pays; all that is told of it is stored, worked on and sealed.
    fn round(world: &World) {
        world.subscribe();
        world.deliver();
        seal_ledger::seal(&world.app, "test").unwrap();
    }

    /// Lets the server write down what comes over connections that begin from now on, and ends those there are.
    fn listen(world: &World) {
        let (_, name) = world.url.rsplit_once('/').unwrap();
        world
            .execute(&format!(
                "ALTER DATABASE {name} SET log_min_duration_statement = 0"
            ))
            .unwrap();
        world.lines(
            "SELECT pg_terminate_backend(pid, 10000) AS line FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
    }

    /// To read and plan a statement again costs more than most of them do, and a journey of its own.
    #[test]
    fn are_not_read_again() {
        let world = World::postgres();
        listen(&world);
        for _ in 0..ROUNDS {
            round(&world);
        }
        let ours = world.lines(
            "SELECT '[' || pid || ']' AS line FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        let heard = cluster::shared().log().len();
        for _ in 0..ROUNDS {
            round(&world);
        }
        let log = cluster::shared().log();
        let (mut run, mut read) = (0, Vec::new());
        for line in log[heard..].lines() {
            if ours.iter().any(|process| line.contains(process)) {
                run += usize::from(line.contains(" execute "));
                if line.contains(" parse ") {
                    read.push(line);
                }
            }
        }
        assert!(run > 20 * ROUNDS, "{run} statements were run");
        assert!(read.is_empty(), "read again: {read:#?}");
    }
}
